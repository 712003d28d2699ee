"""Coverage: how much of the billed cost has a project, and what has none."""

from finops.report.locale import UNKNOWN, full_stop
from finops.report.model import Coverage, CoverageLine, NotComputable
from finops.report.sentences.words import Words


class CoverageWords(Words):
    """Allocation coverage."""

    __slots__ = ()

    @property
    def allocation(self) -> str:
        """How much of the billed cost has no project."""
        found, say = self.report.coverage, self.locale.say
        if isinstance(found, NotComputable):
            return say("How much of the billed cost has a project is not known")
        lost = found.unallocated
        if not lost.exact:
            return say("All billed cost has a project")
        if not found.allocated.exact:
            return say("No billed cost has a project")
        amount = self.locale.money(abs(lost.shown), self.report.currency, places=self.places)
        if lost.exact < 0:
            return say("Credits of %(amount)s have no project", amount=amount)
        if isinstance(found.share, NotComputable):
            return say("%(amount)s of the billed cost has no project", amount=amount)
        share = self.locale.share(1 - found.share)
        return say("%(amount)s of the billed cost (%(share)s) has no project", amount=amount, share=share)

    @property
    def allocation_note(self) -> str:
        """What is allocated; why that is not known."""
        found = self.report.coverage
        if isinstance(found, NotComputable):
            return full_stop(found.reason)
        amount = self.locale.money(found.allocated.shown, self.report.currency, places=self.places)
        if isinstance(found.share, NotComputable):
            return self.locale.say("%(amount)s is allocated to projects.", amount=amount)
        share = self.locale.share(found.share)
        return self.locale.say("%(amount)s (%(share)s) is allocated to projects.", amount=amount, share=share)

    @property
    def allocation_rules(self) -> str:
        """How many rules allocate it."""
        found = self.report.coverage
        rules = {line.rule for line in found.rules} if isinstance(found, Coverage) else set()
        if not rules:
            return self.locale.say("No rule allocates any cost")
        text = self.locale.say_many("One rule gives cost a project", "%(number)s rules give cost a project", len(rules))
        return text[:1].upper() + text[1:]

    @property
    def allocation_caption(self) -> str:
        """Measure, period and unit of the table by rule."""
        return self.locale.say(
            "Billed cost by project and rule, %(period)s, in %(unit)s",
            period=self.period_so_far,
            unit=self.locale.symbol(self.report.currency),
        )

    @property
    def open_costs(self) -> str:
        """What the largest cost without a project is."""
        found = self.report.coverage
        lines = found.open if isinstance(found, Coverage) else ()
        first = max(lines, key=lambda line: line.billed.shown, default=None)
        if first is None or first.billed.shown <= 0:
            return self.locale.say("Costs without a project")
        return self.locale.say(
            "%(name)s is the largest cost without a project, at %(amount)s",
            name=self.short_name(first.name),
            amount=self.locale.money(first.billed.shown, self.report.currency, places=self.places),
        )

    @property
    def open_costs_caption(self) -> str:
        """What the table of costs without a project holds."""
        return self.locale.say(
            "Largest billed costs without a project, by provider, account and service, in %(unit)s",
            unit=self.locale.symbol(self.report.currency),
        )

    def rule(self, line: CoverageLine) -> str:
        """The rule of a line, or a dash."""
        return line.rule or UNKNOWN

    def share_of_bill(self, line: CoverageLine) -> str:
        """Its share of all billed cost, or a dash."""
        return UNKNOWN if isinstance(line.share, NotComputable) else self.locale.share(line.share)

    def other_lines(self, number: int) -> str:
        """The row that stands for lines not shown on their own."""
        text = self.locale.say_many("%(number)s other", "%(number)s others", number)
        return text[:1].upper() + text[1:]

    @property
    def all_with_project(self) -> str:
        """Head of the line that adds up."""
        return self.locale.say("Allocated")
