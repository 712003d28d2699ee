"""Service categories: FOCUS words, one per service."""

from finops.focus.columns import SERVICE_CATEGORIES
from finops_aws.services import CATEGORIES


def test_every_category_is_one_of_focus() -> None:
    assert set(CATEGORIES.values()) <= set(SERVICE_CATEGORIES)


def test_a_services_name_and_its_code_have_one_category() -> None:
    for name, code in (("Amazon Elastic Compute Cloud", "AmazonEC2"), ("AWS Key Management Service", "awskms")):
        assert CATEGORIES[name] == CATEGORIES[code]
