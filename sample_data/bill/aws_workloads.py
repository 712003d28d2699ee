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


M6I_4 = _ec2("m6i.4xlarge", "0.8510000000", "0.5710000000")
M6I_12 = _ec2("m6i.12xlarge", "2.5530000000", "1.7130000000")
C6I_16 = _ec2("c6i.16xlarge", "2.8700000000", "1.9260000000")
R6I_16 = _ec2("r6i.16xlarge", "4.4960000000", "3.1020000000")
M6I_8 = _ec2("m6i.8xlarge", "1.7020000000", "1.1420000000")
G5_12 = _ec2("g5.12xlarge", "6.5640000000", "4.5290000000")
P4D_24 = _ec2("p4d.24xlarge", "22.3740000000", "15.4400000000", "eu-west-1")
C6I_8_SPOT = _spot("c6i.8xlarge", "0.5382000000", "1.4350000000")
RDS_R6G_2 = _rds("db.r6g.2xlarge", "0.9980000000")
RDS_M6G_4 = _rds("db.m6g.4xlarge", "1.3050000000")
FARGATE_CPU = AwsSku(
    code="AmazonECS", family="Compute", usage="Fargate-vCPU-Hours:perCPU", operation="FargateTask", unit="hours",
    rate="0.0430500000", plan_rate="0.0335800000", resource="arn:aws:ecs:{region}:{account}:service/{name}",
)  # fmt: skip
FARGATE_MEMORY = AwsSku(
    code="AmazonECS", family="Compute", usage="Fargate-GB-Hours", operation="FargateTask", unit="hours",
    rate="0.0047280000", plan_rate="0.0036880000", resource="arn:aws:ecs:{region}:{account}:service/{name}",
)  # fmt: skip
LAMBDA = AwsSku(
    code="AWSLambda", family="Serverless", usage="Lambda-GB-Second", operation="Invoke", unit="Lambda-GB-Second",
    rate="0.0000154167", resource="arn:aws:lambda:{region}:{account}:function:{name}",
)  # fmt: skip
GP3 = AwsSku(
    code="AmazonEC2", family="Storage", usage="EBS:VolumeUsage.gp3", operation="CreateVolume-Gp3", unit="GB-Mo",
    rate="0.0881000000", resource="vol-{id}",
)  # fmt: skip
SNAPSHOT = AwsSku(
    code="AmazonEC2", family="Storage Snapshot", usage="EBS:SnapshotUsage", operation="CreateSnapshot", unit="GB-Mo",
    rate="0.0500000000", resource="arn:aws:ec2:{region}:{account}:snapshot/snap-{id}",
)  # fmt: skip
NAT_BYTES = AwsSku(
    code="AmazonEC2", family="NAT Gateway", usage="NatGateway-Bytes", operation="NatGateway", unit="GB",
    rate="0.0480000000", resource="arn:aws:ec2:{region}:{account}:natgateway/nat-{id}",
)  # fmt: skip
TRANSFER_OUT = AwsSku(
    code="AmazonEC2", family="Data Transfer", usage="DataTransfer-Out-Bytes", operation="RunInstances", unit="GB",
    rate="0.0830000000", resource="i-{id}",
)  # fmt: skip
TRANSFER_ZONES = AwsSku(
    code="AmazonEC2", family="Data Transfer", usage="DataTransfer-Regional-Bytes", operation="InterZone-In", unit="GB",
    rate="0.0092000000", resource="i-{id}",
)  # fmt: skip
S3_STANDARD = AwsSku(
    code="AmazonS3", family="Storage", usage="TimedStorage-ByteHrs", operation="StandardStorage", unit="GB-Mo",
    rate="0.0225000000",
)  # fmt: skip
S3_INFREQUENT = AwsSku(
    code="AmazonS3", family="Storage", usage="TimedStorage-SIA-ByteHrs", operation="StandardIAStorage", unit="GB-Mo",
    rate="0.0124000000",
)  # fmt: skip
S3_REQUESTS = AwsSku(
    code="AmazonS3", family="API Request", usage="Requests-Tier1", operation="PutObject", unit="Requests",
    rate="0.0000049700",
)  # fmt: skip
CLOUDFRONT = AwsSku(
    code="AmazonCloudFront", family="Data Transfer", usage="EU-DataTransfer-Out-Bytes", operation="GET", unit="GB",
    rate="0.0680000000", resource="arn:aws:cloudfront::{account}:distribution/E{name}",
)  # fmt: skip
DYNAMO_READ = AwsSku(
    code="AmazonDynamoDB", family="Amazon DynamoDB PayPerRequest Throughput", usage="ReadRequestUnits",
    operation="PayPerRequestThroughput", unit="ReadRequestUnits", rate="0.0000001403",
    resource="arn:aws:dynamodb:{region}:{account}:table/{name}",
)  # fmt: skip
REDIS = AwsSku(
    code="AmazonElastiCache", family="Cache Instance", usage="NodeUsage:cache.r6g.xlarge",
    operation="CreateCacheCluster:0002", unit="Hrs", rate="0.4510000000",
    resource="arn:aws:elasticache:{region}:{account}:cluster:{name}",
)  # fmt: skip
OPENSEARCH = AwsSku(
    code="AmazonES", family="Amazon OpenSearch Service Instance", usage="ESInstance:r6g.2xlarge.search",
    operation="ESDomain", unit="Hrs", rate="0.7930000000", resource="arn:aws:es:{region}:{account}:domain/{name}",
)  # fmt: skip
REDSHIFT = AwsSku(
    code="AmazonRedshift", family="Compute Instance", usage="Node:ra3.4xlarge", operation="RunComputeNode:0001",
    unit="Hrs", rate="3.5860000000", resource="arn:aws:redshift:{region}:{account}:cluster:{name}",
)  # fmt: skip
ENDPOINT = AwsSku(
    code="AmazonSageMaker", family="ML Instance", usage="Host:ml.g5.12xlarge", operation="RunInstance", unit="Hrs",
    rate="8.2050000000", resource="arn:aws:sagemaker:{region}:{account}:endpoint/{name}",
)  # fmt: skip
TOKENS_IN = AwsSku(
    code="AmazonBedrock", family="Amazon Bedrock", usage="Claude4Sonnet-input-tokens", operation="InvokeModelInference",
    unit="1K tokens", rate="0.0027800000", resource="",
)  # fmt: skip
TOKENS_OUT = AwsSku(
    code="AmazonBedrock", family="Amazon Bedrock", usage="Claude4Sonnet-output-tokens",
    operation="InvokeModelInference", unit="1K tokens", rate="0.0139000000", resource="",
)  # fmt: skip
CLUSTER = AwsSku(
    code="AmazonEKS", family="Compute", usage="AmazonEKS-Hours:perCluster", operation="CreateOperation", unit="Hours",
    rate="0.0927000000", resource="arn:aws:eks:{region}:{account}:cluster/{name}",
)  # fmt: skip
GLUE = AwsSku(
    code="AWSGlue", family="AWS Glue", usage="ETL-DPU-Hour", operation="Jobrun", unit="DPU-Hour", rate="0.4080000000",
    resource="arn:aws:glue:{region}:{account}:job/{name}",
)  # fmt: skip
METRICS = AwsSku(
    code="AmazonCloudWatch", family="Metric", usage="CW:MetricMonitorUsage", operation="MetricStorage", unit="Metrics",
    rate="0.2780000000", resource="",
)  # fmt: skip
LOGS = AwsSku(
    code="AmazonCloudWatch", family="Data Payload", usage="DataProcessing-Bytes", operation="PutLogEvents", unit="GB",
    rate="0.5840000000", resource="arn:aws:logs:{region}:{account}:log-group:/{name}",
)  # fmt: skip
BALANCER = AwsSku(
    code="AWSELB", family="Load Balancer-Application", usage="LCUUsage", operation="LoadBalancing:Application",
    unit="LCU-Hrs", rate="0.0074200000",
    resource="arn:aws:elasticloadbalancing:{region}:{account}:loadbalancer/app/{name}/{id}",
)  # fmt: skip
LUSTRE = AwsSku(
    code="AmazonFSx", family="Storage", usage="Storage-SSD:Lustre", operation="CreateFileSystem:Lustre", unit="GB-Mo",
    rate="0.1480000000", region="eu-west-1", resource="arn:aws:fsx:{region}:{account}:file-system/fs-{id}",
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
    _runs("shop-web", SHOP_PROD, M6I_12, 720, _SHOP, week="shop", growth=1.1, covered=True),
    _runs("shop-checkout", SHOP_PROD, C6I_16, 212, _SHOP, week="shop", growth=0.9, covered=True),
    _runs("shop-orders", SHOP_PROD, RDS_R6G_2, 71.86, _SHOP, noise=0),
    _runs("shop-reporting", SHOP_PROD, RDS_R6G_2, 23.95, _SHOP, noise=0, week="weekdays"),
    _runs("shop-sessions", SHOP_PROD, REDIS, 64.94, _SHOP, noise=0),
    _runs("shop-cdn", SHOP_PROD, CLOUDFRONT, 270, _SHOP, week="shop", growth=1.6, noise=0.06, lag_hours=26),
    _runs("shop-images", SHOP_PROD, S3_STANDARD, 92, _SHOP, growth=1.4, noise=0.003, lag_hours=30),
    _runs("shop-events", SHOP_PROD, LAMBDA, 78, _SHOP, week="shop", growth=1.8, noise=0.07),
    _runs("shop-carts", SHOP_PROD, DYNAMO_READ, 66, _SHOP, week="shop", growth=1.0, noise=0.06),
    _runs("shop-alb", SHOP_PROD, BALANCER, 31, _SHOP, week="shop", growth=0.8),
    _runs("shop-volumes", SHOP_PROD, GP3, 54, _SHOP, growth=0.6, noise=0.002, lag_hours=20),
    _runs("shop-egress", SHOP_PROD, TRANSFER_OUT, 74, _SHOP, week="shop", growth=1.2, noise=0.08, lag_hours=28),
    _runs("shop-zones", SHOP_PROD, TRANSFER_ZONES, 38, _SHOP, week="shop", growth=1.0, noise=0.06, lag_hours=28),
    _runs("shop-stage", SHOP_TEST, M6I_4, 82, _SHOP_TEST, week="office", growth=0.4, covered=True),
    # search
    _runs("search-api", SHOP_PROD, C6I_16, 172, _SEARCH, week="shop", growth=1.2, covered=True),
    _runs("search-index", SHOP_PROD, OPENSEARCH, 152.26, _SEARCH, noise=0, growth=0.5),
    _runs("search-crawl", SHOP_PROD, C6I_8_SPOT, 66, _INDEXER, week="pipeline", growth=0.7, noise=0.10),
    # llm
    _runs("assistant-chat", ML_PROD, ENDPOINT, 393.84, _LLM, noise=0, growth=0.9),
    _runs("assistant-in", ML_PROD, TOKENS_IN, 122, _LLM, week="shop", growth=2.6, noise=0.09, lag_hours=18),
    _runs("assistant-out", ML_PROD, TOKENS_OUT, 164, _LLM, week="shop", growth=2.6, noise=0.09, lag_hours=18),
    _runs("llm-workbench", ML_PROD, G5_12, 262, _LLM_DEV, week="office", growth=0.8, noise=0.08),
    _runs("llm-datasets", ML_PROD, S3_STANDARD, 33, {"env": "dev"}, growth=1.8, noise=0.003, lag_hours=30),
    # data-platform
    _runs("warehouse", DATA_PROD, REDSHIFT, 258.19, _DATA, noise=0),
    _runs("lake-raw", DATA_PROD, S3_STANDARD, 128, _DATA, growth=1.5, noise=0.002, lag_hours=30),
    _runs("lake-archive", DATA_PROD, S3_INFREQUENT, 62, _DATA, growth=1.9, noise=0.002, lag_hours=30),
    _runs("lake-writes", DATA_PROD, S3_REQUESTS, 26, _DATA, week="pipeline", growth=1.0, noise=0.07, lag_hours=24),
    _runs("nightly-load", DATA_PROD, GLUE, 96, _DATA, week="pipeline", growth=0.6, noise=0.08),
    _runs("spark-nodes", DATA_PROD, R6I_16, 272, _DATA, week="pipeline", growth=0.7, covered=True),
    # logistics
    _runs("parcel-tasks", LOGISTICS_PROD, FARGATE_CPU, 196, _MOVE, week="office", growth=0.5, covered=True),
    _runs("parcel-memory", LOGISTICS_PROD, FARGATE_MEMORY, 52, _MOVE, week="office", growth=0.5, covered=True),
    _runs("parcel-db", LOGISTICS_PROD, RDS_M6G_4, 62.64, _MOVE, noise=0),
    _runs("track-events", LOGISTICS_PROD, DYNAMO_READ, 72, {}, week="office", growth=0.6, noise=0.06),
    _runs("label-render", LOGISTICS_PROD, LAMBDA, 58, _MOVE, week="office", growth=0.9, noise=0.07),
    _runs("route-nodes", LOGISTICS_PROD, M6I_8, 122.54, {"env": "prod"}, growth=0.3, covered=True, noise=0.02),
    # platform
    _runs("eks-control", PLATFORM, CLUSTER, 13.35, _PLATFORM, noise=0),
    _runs("shared-nat", PLATFORM, NAT_BYTES, 104, _PLATFORM, week="shop", growth=0.9, noise=0.05, lag_hours=22),
    _runs("metrics", PLATFORM, METRICS, 66, _PLATFORM, growth=0.8, noise=0.01, lag_hours=20),
    _runs("logs", PLATFORM, LOGS, 92, _PLATFORM, week="shop", growth=1.0, noise=0.06, lag_hours=16),
    _runs("ci-runners", PLATFORM, M6I_4, 62, _PLATFORM, week="office", growth=0.6, noise=0.09, covered=True),
    # nobody's: the tags are missing, and the account belongs to several projects
    _runs("old-snapshots", SHOP_PROD, SNAPSHOT, 104, {}, growth=1.9, noise=0.002, lag_hours=30),
    _runs("campaign-node", SHOP_PROD, M6I_4, 61.27, {"env": "prod"}, noise=0),
    _runs("scratch-node", SHOP_TEST, M6I_4, 64, {}, week="office", noise=0.10),
    _runs("adhoc-query", DATA_PROD, GLUE, 72, {"team": "data"}, week="office", noise=0.16),
)
