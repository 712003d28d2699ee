"""What runs at AWS: the price list in use, and a table of workloads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bill import company, period
from bill.company import DATA_PROD, LOGISTICS_PROD, ML_PROD, PLATFORM, SHOP_PROD, SHOP_TEST
from bill.workload import Workload

REGIONS: Mapping[str, tuple[str, str]] = {
    "eu-central-1": ("EUC1", "Europe (Frankfurt)"),
    "eu-west-1": ("EU", "Europe (Ireland)"),
}
"""Region to the prefix of its usage types and its name."""

PRODUCTS: Mapping[str, str] = {
    "AmazonEC2": "Amazon Elastic Compute Cloud",
    "AmazonRDS": "Amazon Relational Database Service",
    "AmazonS3": "Amazon Simple Storage Service",
    "AmazonCloudFront": "Amazon CloudFront",
    "AmazonDynamoDB": "Amazon DynamoDB",
    "AmazonElastiCache": "Amazon ElastiCache",
    "AmazonES": "Amazon OpenSearch Service",
    "AmazonRedshift": "Amazon Redshift",
    "AmazonSageMaker": "Amazon SageMaker",
    "AmazonBedrock": "Amazon Bedrock",
    "AmazonEKS": "Amazon Elastic Container Service for Kubernetes",
    "AmazonECS": "Amazon Elastic Container Service",
    "AWSLambda": "AWS Lambda",
    "AWSGlue": "AWS Glue",
    "AmazonCloudWatch": "AmazonCloudWatch",
    "AWSELB": "Elastic Load Balancing",
    "AmazonFSx": "Amazon FSx",
    "ComputeSavingsPlans": "Savings Plans for AWS Compute usage",
    "AWSSupportEnterprise": "AWS Support (Enterprise)",
    "8kq3v0w5r7yx2mznd4tplanternlogs": "Lanternfish Log Search",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsSku:
    """A line of the price list.

    Attributes:
        code: product code.
        family: product family.
        usage: usage type without the prefix of the region.
        operation: the API operation charged for.
        unit: unit of the price; `Hrs` of `instance` are split into machines of 24 hours a day.
        rate: price of a unit in the billing currency.
        region: where it runs.
        instance: instance type, where there is one.
        on_demand: list price, where `rate` is a spot price.
        plan_rate: price of a unit under a Compute Savings Plan; None where none covers it.
        resource: pattern of the resource id; `{id}` is hexadecimal, `{account}`, `{region}` and `{name}` fill in.
    """

    code: str
    family: str
    usage: str
    operation: str
    unit: str
    rate: str
    region: str = "eu-central-1"
    instance: str | None = None
    on_demand: str | None = None
    plan_rate: str | None = None
    resource: str = "{name}"

    @property
    def usage_type(self) -> str:
        """Usage type as billed: Frankfurt's begin with `EUC1-`, CloudFront's and Bedrock's carry their own."""
        return self.usage if self.code == "AmazonCloudFront" else f"{REGIONS[self.region][0]}-{self.usage}"


def _ec2(instance: str, rate: str, plan_rate: str | None = None, region: str = "eu-central-1") -> AwsSku:
    return AwsSku(
        code="AmazonEC2", family="Compute Instance", usage=f"BoxUsage:{instance}", operation="RunInstances", unit="Hrs",
        rate=rate, plan_rate=plan_rate, region=region, instance=instance, resource="i-{id}",
    )  # fmt: skip


def _spot(instance: str, rate: str, on_demand: str) -> AwsSku:
    return AwsSku(
        code="AmazonEC2", family="Compute Instance", usage=f"SpotUsage:{instance}", operation="RunInstances:SV003",
        unit="Hrs", rate=rate, on_demand=on_demand, instance=instance, resource="i-{id}",
    )  # fmt: skip


def _rds(instance: str, rate: str) -> AwsSku:
    return AwsSku(
        code="AmazonRDS", family="Database Instance", usage=f"InstanceUsage:{instance}",
        operation="CreateDBInstance:0014", unit="Hrs", rate=rate, instance=instance,
        resource="arn:aws:rds:{region}:{account}:db:{name}",
    )  # fmt: skip


M6I_4 = _ec2("m6i.4xlarge", "0.9200000000", "0.6170000000")
M6I_12 = _ec2("m6i.12xlarge", "2.7600000000", "1.8510000000")
C6I_16 = _ec2("c6i.16xlarge", "3.1040000000", "2.0820000000")
R6I_16 = _ec2("r6i.16xlarge", "4.8640000000", "3.3530000000")
M6I_8 = _ec2("m6i.8xlarge", "1.8400000000", "1.2340000000")
G5_12 = _ec2("g5.12xlarge", "7.0940000000", "4.8960000000")
P4D_24 = _ec2("p4d.24xlarge", "24.1530000000", "16.6900000000", "eu-west-1")
C6I_8_SPOT = _spot("c6i.8xlarge", "0.5820000000", "1.5520000000")
RDS_R6G_2 = _rds("db.r6g.2xlarge", "1.0790000000")
RDS_M6G_4 = _rds("db.m6g.4xlarge", "1.4110000000")
FARGATE_CPU = AwsSku(
    code="AmazonECS", family="Compute", usage="Fargate-vCPU-Hours:perCPU", operation="FargateTask", unit="hours",
    rate="0.0465600000", plan_rate="0.0363200000", resource="arn:aws:ecs:{region}:{account}:service/{name}",
)  # fmt: skip
FARGATE_MEMORY = AwsSku(
    code="AmazonECS", family="Compute", usage="Fargate-GB-Hours", operation="FargateTask", unit="hours",
    rate="0.0051100000", plan_rate="0.0039860000", resource="arn:aws:ecs:{region}:{account}:service/{name}",
)  # fmt: skip
LAMBDA = AwsSku(
    code="AWSLambda", family="Serverless", usage="Lambda-GB-Second", operation="Invoke", unit="Lambda-GB-Second",
    rate="0.0000166667", resource="arn:aws:lambda:{region}:{account}:function:{name}",
)  # fmt: skip
GP3 = AwsSku(
    code="AmazonEC2", family="Storage", usage="EBS:VolumeUsage.gp3", operation="CreateVolume-Gp3", unit="GB-Mo",
    rate="0.0952000000", resource="vol-{id}",
)  # fmt: skip
SNAPSHOT = AwsSku(
    code="AmazonEC2", family="Storage Snapshot", usage="EBS:SnapshotUsage", operation="CreateSnapshot", unit="GB-Mo",
    rate="0.0540000000", resource="arn:aws:ec2:{region}:{account}:snapshot/snap-{id}",
)  # fmt: skip
NAT_BYTES = AwsSku(
    code="AmazonEC2", family="NAT Gateway", usage="NatGateway-Bytes", operation="NatGateway", unit="GB",
    rate="0.0520000000", resource="arn:aws:ec2:{region}:{account}:natgateway/nat-{id}",
)  # fmt: skip
TRANSFER_OUT = AwsSku(
    code="AmazonEC2", family="Data Transfer", usage="DataTransfer-Out-Bytes", operation="RunInstances", unit="GB",
    rate="0.0900000000", resource="i-{id}",
)  # fmt: skip
TRANSFER_ZONES = AwsSku(
    code="AmazonEC2", family="Data Transfer", usage="DataTransfer-Regional-Bytes", operation="InterZone-In", unit="GB",
    rate="0.0100000000", resource="i-{id}",
)  # fmt: skip
S3_STANDARD = AwsSku(
    code="AmazonS3", family="Storage", usage="TimedStorage-ByteHrs", operation="StandardStorage", unit="GB-Mo",
    rate="0.0245000000",
)  # fmt: skip
S3_INFREQUENT = AwsSku(
    code="AmazonS3", family="Storage", usage="TimedStorage-SIA-ByteHrs", operation="StandardIAStorage", unit="GB-Mo",
    rate="0.0135000000",
)  # fmt: skip
S3_REQUESTS = AwsSku(
    code="AmazonS3", family="API Request", usage="Requests-Tier1", operation="PutObject", unit="Requests",
    rate="0.0000054000",
)  # fmt: skip
CLOUDFRONT = AwsSku(
    code="AmazonCloudFront", family="Data Transfer", usage="EU-DataTransfer-Out-Bytes", operation="GET", unit="GB",
    rate="0.0740000000", resource="arn:aws:cloudfront::{account}:distribution/E{name}",
)  # fmt: skip
DYNAMO_READ = AwsSku(
    code="AmazonDynamoDB", family="Amazon DynamoDB PayPerRequest Throughput", usage="ReadRequestUnits",
    operation="PayPerRequestThroughput", unit="ReadRequestUnits", rate="0.0000001525",
    resource="arn:aws:dynamodb:{region}:{account}:table/{name}",
)  # fmt: skip
REDIS = AwsSku(
    code="AmazonElastiCache", family="Cache Instance", usage="NodeUsage:cache.r6g.xlarge",
    operation="CreateCacheCluster:0002", unit="Hrs", rate="0.4870000000",
    resource="arn:aws:elasticache:{region}:{account}:cluster:{name}",
)  # fmt: skip
OPENSEARCH = AwsSku(
    code="AmazonES", family="Amazon OpenSearch Service Instance", usage="ESInstance:r6g.2xlarge.search",
    operation="ESDomain", unit="Hrs", rate="0.8570000000", resource="arn:aws:es:{region}:{account}:domain/{name}",
)  # fmt: skip
REDSHIFT = AwsSku(
    code="AmazonRedshift", family="Compute Instance", usage="Node:ra3.4xlarge", operation="RunComputeNode:0001",
    unit="Hrs", rate="3.8770000000", resource="arn:aws:redshift:{region}:{account}:cluster:{name}",
)  # fmt: skip
ENDPOINT = AwsSku(
    code="AmazonSageMaker", family="ML Instance", usage="Host:ml.g5.12xlarge", operation="RunInstance", unit="Hrs",
    rate="8.8700000000", resource="arn:aws:sagemaker:{region}:{account}:endpoint/{name}",
)  # fmt: skip
TOKENS_IN = AwsSku(
    code="AmazonBedrock", family="Amazon Bedrock", usage="Claude4Sonnet-input-tokens", operation="InvokeModelInference",
    unit="1K tokens", rate="0.0030000000", resource="",
)  # fmt: skip
TOKENS_OUT = AwsSku(
    code="AmazonBedrock", family="Amazon Bedrock", usage="Claude4Sonnet-output-tokens",
    operation="InvokeModelInference", unit="1K tokens", rate="0.0150000000", resource="",
)  # fmt: skip
CLUSTER = AwsSku(
    code="AmazonEKS", family="Compute", usage="AmazonEKS-Hours:perCluster", operation="CreateOperation", unit="Hours",
    rate="0.1000000000", resource="arn:aws:eks:{region}:{account}:cluster/{name}",
)  # fmt: skip
GLUE = AwsSku(
    code="AWSGlue", family="AWS Glue", usage="ETL-DPU-Hour", operation="Jobrun", unit="DPU-Hour", rate="0.4400000000",
    resource="arn:aws:glue:{region}:{account}:job/{name}",
)  # fmt: skip
METRICS = AwsSku(
    code="AmazonCloudWatch", family="Metric", usage="CW:MetricMonitorUsage", operation="MetricStorage", unit="Metrics",
    rate="0.3000000000", resource="",
)  # fmt: skip
LOGS = AwsSku(
    code="AmazonCloudWatch", family="Data Payload", usage="DataProcessing-Bytes", operation="PutLogEvents", unit="GB",
    rate="0.6300000000", resource="arn:aws:logs:{region}:{account}:log-group:/{name}",
)  # fmt: skip
BALANCER = AwsSku(
    code="AWSELB", family="Load Balancer-Application", usage="LCUUsage", operation="LoadBalancing:Application",
    unit="LCU-Hrs", rate="0.0080000000",
    resource="arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{id}",
)  # fmt: skip
LUSTRE = AwsSku(
    code="AmazonFSx", family="Storage", usage="Storage-SSD:Lustre", operation="CreateFileSystem:Lustre", unit="GB-Mo",
    rate="0.1600000000", region="eu-west-1", resource="arn:aws:fsx:{region}:{account}:file-system/fs-{id}",
)  # fmt: skip

_SHOP = company.tags("storefront", "shop")
_SHOP_TEST = company.tags("storefront", "shop", "test")
_SEARCH = {"app": "search-api", "team": "search", "env": "prod"}
_INDEXER = {"app": "search-indexer", "team": "search", "env": "prod"}
_LLM = company.tags("llm", "ml")
_LLM_DEV = company.tags("llm", "ml", "dev")
_DATA = company.tags("data-platform", "data")
_MOVE = company.tags("logistics", "logistics")
_PLATFORM = company.tags("platform", "platform")


def _runs(
    name: str,
    account: str,
    sku: AwsSku,
    daily: float,
    tags: Mapping[str, str],
    *,
    week: str = "flat",
    growth: float = 0.0,
    noise: float = 0.04,
    lag_hours: int = 12,
    covered: bool = False,
    first: date = period.FIRST_DAY,
) -> Workload[AwsSku]:
    """One row of the table below; EC2 reports within 8 hours, as the Savings Plan that covers it does."""
    return Workload(
        name=name, account=account, sku=sku, daily=daily, tags=tags, week=week, growth=growth, noise=noise,
        lag_hours=8 if sku.plan_rate else lag_hours, covered=covered, first=first,
    )  # fmt: skip


WORKLOADS: tuple[Workload[AwsSku], ...] = (
    # storefront
    _runs("shop-web", SHOP_PROD, M6I_12, 778, _SHOP, week="shop", growth=1.1, covered=True),
    _runs("shop-checkout", SHOP_PROD, C6I_16, 229, _SHOP, week="shop", growth=0.9, covered=True),
    _runs("shop-orders", SHOP_PROD, RDS_R6G_2, 77.69, _SHOP, noise=0),
    _runs("shop-reporting", SHOP_PROD, RDS_R6G_2, 25.90, _SHOP, noise=0, week="weekdays"),
    _runs("shop-sessions", SHOP_PROD, REDIS, 70.13, _SHOP, noise=0),
    _runs("shop-cdn", SHOP_PROD, CLOUDFRONT, 292, _SHOP, week="shop", growth=1.6, noise=0.06, lag_hours=26),
    _runs("shop-images", SHOP_PROD, S3_STANDARD, 99, _SHOP, growth=1.4, noise=0.003, lag_hours=30),
    _runs("shop-events", SHOP_PROD, LAMBDA, 84, _SHOP, week="shop", growth=1.8, noise=0.07),
    _runs("shop-carts", SHOP_PROD, DYNAMO_READ, 71, _SHOP, week="shop", growth=1.0, noise=0.06),
    _runs("shop-alb", SHOP_PROD, BALANCER, 34, _SHOP, week="shop", growth=0.8),
    _runs("shop-volumes", SHOP_PROD, GP3, 58, _SHOP, growth=0.6, noise=0.002, lag_hours=20),
    _runs("shop-campaigns", SHOP_PROD, M6I_4, 66.24, _SHOP, noise=0),
    _runs("shop-banners", SHOP_PROD, LAMBDA, 55, _SHOP, week="shop", growth=1.1, noise=0.05),
    _runs("shop-stage", SHOP_TEST, M6I_4, 89, _SHOP_TEST, week="office", growth=0.4, covered=True),
    # search
    _runs("search-api", SHOP_PROD, C6I_16, 186, _SEARCH, week="shop", growth=1.2, covered=True),
    _runs("search-index", SHOP_PROD, OPENSEARCH, 164.54, _SEARCH, noise=0, growth=0.5),
    _runs("search-crawl", SHOP_PROD, C6I_8_SPOT, 71, _INDEXER, week="pipeline", growth=0.7, noise=0.10),
    # llm
    _runs("assistant-chat", ML_PROD, ENDPOINT, 425.76, _LLM, noise=0, growth=0.9),
    _runs("assistant-in", ML_PROD, TOKENS_IN, 132, _LLM, week="shop", growth=2.6, noise=0.09, lag_hours=18),
    _runs("assistant-out", ML_PROD, TOKENS_OUT, 177, _LLM, week="shop", growth=2.6, noise=0.09, lag_hours=18),
    _runs("llm-workbench", ML_PROD, G5_12, 283, _LLM_DEV, week="office", growth=0.8, noise=0.08),
    _runs("llm-datasets", ML_PROD, S3_STANDARD, 36, {"env": "dev"}, growth=1.8, noise=0.003, lag_hours=30),
    # data-platform
    _runs("warehouse", DATA_PROD, REDSHIFT, 279.14, _DATA, noise=0),
    _runs("lake-raw", DATA_PROD, S3_STANDARD, 138, _DATA, growth=1.5, noise=0.002, lag_hours=30),
    _runs("lake-archive", DATA_PROD, S3_INFREQUENT, 67, _DATA, growth=1.9, noise=0.002, lag_hours=30),
    _runs("lake-writes", DATA_PROD, S3_REQUESTS, 28, _DATA, week="pipeline", growth=1.0, noise=0.07, lag_hours=24),
    _runs("nightly-load", DATA_PROD, GLUE, 104, _DATA, week="pipeline", growth=0.6, noise=0.08),
    _runs("spark-nodes", DATA_PROD, R6I_16, 294, _DATA, week="pipeline", growth=0.7, covered=True),
    # logistics
    _runs("parcel-tasks", LOGISTICS_PROD, FARGATE_CPU, 212, _MOVE, week="office", growth=0.5, covered=True),
    _runs("parcel-memory", LOGISTICS_PROD, FARGATE_MEMORY, 56, _MOVE, week="office", growth=0.5, covered=True),
    _runs("parcel-db", LOGISTICS_PROD, RDS_M6G_4, 67.73, _MOVE, noise=0),
    _runs("track-events", LOGISTICS_PROD, DYNAMO_READ, 78, {}, week="office", growth=0.6, noise=0.06),
    _runs("label-render", LOGISTICS_PROD, LAMBDA, 63, _MOVE, week="office", growth=0.9, noise=0.07),
    _runs("route-nodes", LOGISTICS_PROD, M6I_8, 132, {"env": "prod"}, growth=0.3, covered=True, noise=0.02),
    # platform
    _runs("eks-control", PLATFORM, CLUSTER, 14.40, _PLATFORM, noise=0),
    _runs("shared-nat", PLATFORM, NAT_BYTES, 112, _PLATFORM, week="shop", growth=0.9, noise=0.05, lag_hours=22),
    _runs("metrics", PLATFORM, METRICS, 71, _PLATFORM, growth=0.8, noise=0.01, lag_hours=20),
    _runs("logs", PLATFORM, LOGS, 99, _PLATFORM, week="shop", growth=1.0, noise=0.06, lag_hours=16),
    _runs("ci-runners", PLATFORM, M6I_4, 67, _PLATFORM, week="office", growth=0.6, noise=0.09, covered=True),
    # nobody's: the tags are missing, and the account belongs to several projects. Most of it is the shop team's network
    _runs("shop-nat", SHOP_PROD, NAT_BYTES, 96, {}, week="shop", growth=1.1, noise=0.05, lag_hours=22),
    _runs("shop-egress", SHOP_PROD, TRANSFER_OUT, 62, {}, week="shop", growth=1.2, noise=0.08, lag_hours=28),
    _runs("shop-zones", SHOP_PROD, TRANSFER_ZONES, 34, {}, week="shop", growth=1.0, noise=0.06, lag_hours=28),
    _runs("old-snapshots", SHOP_PROD, SNAPSHOT, 102, {}, growth=1.9, noise=0.002, lag_hours=30),
    _runs("scratch-node", SHOP_TEST, M6I_4, 42, {}, week="office", noise=0.10),
    _runs("adhoc-query", DATA_PROD, GLUE, 44, {"team": "data"}, week="office", noise=0.16),
)
