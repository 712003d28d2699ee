"""Services: which FOCUS category each AWS service belongs to, by its name and by its product code.

One name has one category, whatever the charge. Source: FOCUS specification 1.2, ServiceCategory (ratified 2025-05-29),
and the services' own product pages (read November 2026).
"""

from collections.abc import Mapping

_BY_CATEGORY: Mapping[str, str] = {
    "AI and Machine Learning": """
        Amazon SageMaker; AmazonSageMaker; Amazon SageMaker AI; Amazon Bedrock; AmazonBedrock; Amazon Bedrock
        Service; AmazonBedrockService; Amazon Rekognition; AmazonRekognition; Amazon Comprehend; comprehend;
        Amazon Textract; AmazonTextract; Amazon Transcribe; transcribe; Amazon Translate; translate; Amazon
        Polly; AmazonPolly; Amazon Lex; AmazonLex; Amazon Kendra; AmazonKendra; Amazon Personalize;
        AmazonPersonalize; Amazon Forecast; AmazonForecast; Amazon Q; AmazonQ; Amazon Augmented AI; Amazon Nova;
        AWS HealthLake; AWS DeepRacer""",
    "Analytics": """
        Amazon Athena; AmazonAthena; AWS Glue; AWSGlue; Amazon Elastic MapReduce; ElasticMapReduce; Amazon EMR;
        Amazon Kinesis; AmazonKinesis; Amazon Kinesis Firehose; AmazonKinesisFirehose; Amazon Data Firehose;
        Amazon Kinesis Analytics; AmazonKinesisAnalytics; Amazon Managed Service for Apache Flink; Amazon
        OpenSearch Service; AmazonES; Amazon Elasticsearch Service; Amazon QuickSight; AmazonQuickSight; AWS
        Lake Formation; AWSLakeFormation; Amazon Managed Streaming for Apache Kafka; AmazonMSK; AWS Data
        Exchange; AWSDataExchange; Amazon DataZone; AWS Clean Rooms; Amazon CloudSearch; AmazonCloudSearch; AWS
        Data Pipeline; datapipeline""",
    "Business Applications": """
        Amazon WorkMail; AmazonWorkMail; Amazon Chime; AmazonChime; AmazonChimeBusinessCalling; Amazon Connect;
        AmazonConnect; Amazon Pinpoint; AmazonPinpoint; Amazon Simple Email Service; AmazonSES; Amazon WorkDocs;
        AmazonWorkDocs; Contact Center Telecommunications (service sold by AMCS, LLC); ContactCenterTelecomm;
        AWS End User Messaging""",
    "Compute": """
        Amazon Elastic Compute Cloud; Amazon Elastic Compute Cloud - Compute; EC2 - Other; AmazonEC2; AWS
        Lambda; AWSLambda; Amazon Elastic Container Service;
        AmazonECS; Amazon Elastic Container Service for Kubernetes; Amazon Elastic Kubernetes Service;
        AmazonEKS; Amazon EC2 Container Registry (ECR); Amazon Elastic Container Registry; Amazon Elastic
        Container Registry Public; AmazonECR; AmazonECRPublic; Amazon Lightsail; AmazonLightsail; AWS Batch; AWS
        App Runner; AWSAppRunner; AWS Elastic Beanstalk; AWS Outposts; AWSOutposts; Savings Plans for AWS
        Compute usage; ComputeSavingsPlans; AWS Parallel Computing Service; Red Hat OpenShift Service on AWS;
        Amazon EC2 Auto Scaling""",
    "Databases": """
        Amazon Relational Database Service; AmazonRDS; Amazon Aurora; Amazon DynamoDB; AmazonDynamoDB; Amazon
        DynamoDB Accelerator (DAX); AmazonDAX; Amazon Redshift; AmazonRedshift; Amazon ElastiCache;
        AmazonElastiCache; Amazon DocumentDB (with MongoDB compatibility); AmazonDocDB; Amazon Neptune;
        AmazonNeptune; Amazon MemoryDB; AmazonMemoryDB; Amazon Keyspaces (for Apache Cassandra); AmazonMCS;
        Amazon Timestream; AmazonTimestream; Amazon Quantum Ledger Database; AmazonQLDB; Amazon SimpleDB;
        AmazonSimpleDB; Amazon MemoryDB for Redis; Savings Plans for AWS Database usage; DatabaseSavingsPlans""",
    "Developer Tools": """
        AWS CodeBuild; CodeBuild; AWS CodePipeline; AWSCodePipeline; AWS CodeCommit; AWSCodeCommit; AWS
        CodeDeploy; AWSCodeDeploy; AWS CodeArtifact; AWSCodeArtifact; AWS X-Ray; AWSXRay; AWS Cloud9; Amazon
        CodeGuru; CodeGuru; AWS Amplify; AWSAmplify; AWS Device Farm; AWSDeviceFarm; AWS Fault Injection
        Service; AWSFIS""",
    "Identity": """
        AWS Directory Service; AWSDirectoryService; Amazon Cognito; AmazonCognito; AWS IAM Identity Center; AWS
        Identity and Access Management Access Analyzer; AWSIAMAccessAnalyzer; Amazon Cognito Sync; Amazon
        Verified Permissions""",
    "Integration": """
        Amazon Simple Queue Service; AWSQueueService; Amazon SNS; Amazon Simple Notification Service; AmazonSNS;
        AWS Step Functions; AmazonStates; Amazon EventBridge; AWSEvents; CloudWatch Events; Amazon MQ; AmazonMQ;
        Amazon API Gateway; AmazonApiGateway; AWS AppSync; AWSAppSync; Amazon Managed Workflows for Apache
        Airflow; AmazonMWAA; Amazon Simple Workflow Service; AmazonSWF; Amazon AppFlow; AmazonAppFlow; AWS B2B
        Data Interchange""",
    "Internet of Things": """
        AWS IoT; AWSIoT; AWS IoT Core; AWS IoT Analytics; AWSIoTAnalytics; AWS IoT Device Management; AWS IoT
        Device Defender; AWS IoT SiteWise; AWSIoTSiteWise; AWS IoT Greengrass; AWSGreengrass; AWS IoT Events;
        AWSIoTEvents""",
    "Management and Governance": """
        AmazonCloudWatch; Amazon CloudWatch; AWS CloudTrail; AWSCloudTrail; AWS Config; AWSConfig; AWS Systems
        Manager; AWSSystemsManager; AWS Service Catalog; AWSServiceCatalog; AWS CloudFormation;
        AWSCloudFormation; AWS Cost Explorer; AWSCostExplorer; AWS Budgets; AWSBudgets; AWS Control Tower;
        Amazon Managed Grafana; AmazonGrafana; Amazon Managed Service for Prometheus; AmazonPrometheus; AWS
        Support (Business); AWSSupportBusiness; AWS Support (Developer); AWSDeveloperSupport; AWS Support
        (Enterprise); AWSSupportEnterprise; AWS Premium Support; AWS Trusted Advisor; AWS License Manager; AWS
        Resilience Hub; AWS Compute Optimizer; ComputeOptimizer; AWS Resource Explorer""",
    "Media": """
        AWS Elemental MediaConvert; AWSElementalMediaConvert; AWS Elemental MediaLive; AWSElementalMediaLive;
        AWS Elemental MediaPackage; AWSElementalMediaPackage; AWS Elemental MediaStore; AWSElementalMediaStore;
        AWS Elemental MediaTailor; AWSElementalMediaTailor; AWS Elemental MediaConnect;
        AWSElementalMediaConnect; Amazon Elastic Transcoder; AmazonETS; Amazon Kinesis Video Streams;
        AmazonKinesisVideo; Amazon Interactive Video Service; AmazonIVS""",
    "Migration": """
        AWS Database Migration Service; AWSDatabaseMigrationSvc; AWS DataSync; AWSDataSync; AWS Migration Hub;
        AWSMigrationHubRefactorSpaces; AWS Import/Export Snowball; IngestionServiceSnowball; IngestionService;
        AWS Transfer Family; AWSTransfer; AWS Application Migration Service; AWS Mainframe Modernization""",
    "Networking": """
        Amazon Virtual Private Cloud; AmazonVPC; Amazon CloudFront; AmazonCloudFront; Amazon Route 53;
        AmazonRoute53; Elastic Load Balancing; AWSELB; AWS Direct Connect; AWSDirectConnect; AWS Global
        Accelerator; AWSGlobalAccelerator; AWS Data Transfer; AWSDataTransfer; AWS Cloud Map; AWSCloudMap; AWS
        Transit Gateway; AWS Network Firewall Networking; AWS App Mesh; AWS VPN; AWS Cloud WAN; Amazon
        Registrar; AmazonRegistrar; AWS Private 5G""",
    "Security": """
        AWS Key Management Service; awskms; AWS Secrets Manager; AWSSecretsManager; AWS WAF; awswaf; AWS Shield;
        AWSShield; Amazon GuardDuty; AmazonGuardDuty; Amazon Inspector; AmazonInspectorV2; AmazonInspector;
        Amazon Macie; AmazonMacie; AWS Security Hub; AWSSecurityHub; AWS Certificate Manager;
        AWSCertificateManager; AWS Private Certificate Authority; AWS CloudHSM; CloudHSM; Amazon Detective;
        AmazonDetective; AWS Firewall Manager; AWSFMS; AWS Network Firewall; AWSNetworkFirewall; Amazon Security
        Lake; AmazonSecurityLake; AWS Audit Manager; AWSAuditManager; AWS Payment Cryptography""",
    "Storage": """
        Amazon Simple Storage Service; AmazonS3; Amazon Elastic Block Store; Amazon Elastic File System;
        AmazonEFS; Amazon FSx; AmazonFSx; Amazon S3 Glacier; AmazonGlacier; Amazon Glacier; Amazon S3 Glacier
        Deep Archive; AmazonS3GlacierDeepArchive; AWS Backup; AWSBackup; AWS Storage Gateway; AWSStorageGateway;
        AWSStorageGatewayDeepArchive; AWS Elastic Disaster Recovery; Amazon File Cache""",
    "Web": """
        Amazon Location Service; AmazonLocationService; Amazon WorkSpaces Web""",
}

CATEGORIES: Mapping[str, str] = {
    " ".join(name.split()): category for category, names in _BY_CATEGORY.items() for name in names.split(";")
}
"""Service name or product code to FOCUS category; what is missing is `Other`."""
