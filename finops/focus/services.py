"""Which kinds of service FOCUS knows, per category, and which of them well-known services are.

Source: FOCUS specification 1.2, ServiceCategory and ServiceSubcategory (ratified 2025-05-29).
"""

from collections.abc import Mapping

SUBCATEGORIES: Mapping[str, tuple[str, ...]] = {
    "AI and Machine Learning": (
        "AI Platforms",
        "Bots",
        "Generative AI",
        "Machine Learning",
        "Natural Language Processing",
        "Other (AI and Machine Learning)",
    ),
    "Analytics": (
        "Analytics Platforms",
        "Business Intelligence",
        "Data Processing",
        "Search",
        "Streaming Analytics",
        "Other (Analytics)",
    ),
    "Business Applications": (
        "Productivity and Collaboration",
        "Other (Business Applications)",
    ),
    "Compute": (
        "Containers",
        "End User Computing",
        "Quantum Compute",
        "Serverless Compute",
        "Virtual Machines",
        "Other (Compute)",
    ),
    "Databases": (
        "Caching",
        "Data Warehouses",
        "Ledger Databases",
        "NoSQL Databases",
        "Relational Databases",
        "Time Series Databases",
        "Other (Databases)",
    ),
    "Developer Tools": (
        "Developer Platforms",
        "Continuous Integration and Deployment",
        "Development Environments",
        "Source Code Management",
        "Quality Assurance",
        "Other (Developer Tools)",
    ),
    "Identity": (
        "Identity and Access Management",
        "Other (Identity)",
    ),
    "Integration": (
        "API Management",
        "Messaging",
        "Workflow Orchestration",
        "Other (Integration)",
    ),
    "Internet of Things": (
        "IoT Analytics",
        "IoT Platforms",
        "Other (Internet of Things)",
    ),
    "Management and Governance": (
        "Architecture",
        "Compliance",
        "Cost Management",
        "Data Governance",
        "Disaster Recovery",
        "Endpoint Management",
        "Observability",
        "Support",
        "Other (Management and Governance)",
    ),
    "Media": (
        "Content Creation",
        "Gaming",
        "Media Streaming",
        "Mixed Reality",
        "Other (Media)",
    ),
    "Migration": (
        "Data Migration",
        "Resource Migration",
        "Other (Migration)",
    ),
    "Mobile": ("Other (Mobile)",),
    "Multicloud": (
        "Multicloud Integration",
        "Other (Multicloud)",
    ),
    "Networking": (
        "Application Networking",
        "Content Delivery",
        "Network Connectivity",
        "Network Infrastructure",
        "Network Routing",
        "Network Security",
        "Other (Networking)",
    ),
    "Security": (
        "Secret Management",
        "Security Posture Management",
        "Threat Detection and Response",
        "Other (Security)",
    ),
    "Storage": (
        "Backup Storage",
        "Block Storage",
        "File Storage",
        "Object Storage",
        "Storage Platforms",
        "Other (Storage)",
    ),
    "Web": (
        "Application Platforms",
        "Other (Web)",
    ),
    "Other": ("Other (Other)",),
}
"""Service category to its subcategories; the last of each is for what fits no other."""

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "Virtual Machines": ("Amazon Elastic Compute Cloud", "AmazonEC2", "Compute Engine", "Virtual Machines"),
    "Serverless Compute": ("AWS Lambda", "AWSLambda", "Cloud Functions", "Cloud Run", "Functions"),
    "Containers": (
        "Amazon Elastic Container Service",
        "Amazon Elastic Container Service for Kubernetes",
        "Amazon Elastic Kubernetes Service",
        "AmazonECS",
        "AmazonEKS",
        "Kubernetes Engine",
        "Azure Kubernetes Service",
    ),
    "Object Storage": ("Amazon Simple Storage Service", "AmazonS3", "Cloud Storage"),
    "File Storage": ("Amazon Elastic File System", "AmazonEFS", "Amazon FSx", "AmazonFSx", "Filestore"),
    "Relational Databases": (
        "Amazon Relational Database Service",
        "AmazonRDS",
        "Cloud SQL",
        "SQL Database",
        "Cloud Spanner",
    ),
    "NoSQL Databases": ("Amazon DynamoDB", "AmazonDynamoDB", "Cloud Bigtable", "Firestore", "Azure Cosmos DB"),
    "Caching": ("Amazon ElastiCache", "AmazonElastiCache", "Memorystore", "Azure Cache for Redis", "Redis Cache"),
    "Data Warehouses": ("Amazon Redshift", "AmazonRedshift"),
    "Content Delivery": ("Amazon CloudFront", "AmazonCloudFront", "Cloud CDN"),
    "Application Networking": ("Elastic Load Balancing", "AWSELB", "Load Balancer"),
    "Network Connectivity": ("Amazon Virtual Private Cloud", "AmazonVPC", "Virtual Network"),
    "Observability": ("AmazonCloudWatch", "Amazon CloudWatch", "Cloud Logging", "Cloud Monitoring", "Azure Monitor"),
    "Machine Learning": ("Amazon SageMaker", "AmazonSageMaker"),
    "Generative AI": ("Amazon Bedrock", "AmazonBedrock"),
    "AI Platforms": ("Vertex AI",),
    "Messaging": ("Amazon Simple Queue Service", "AWSQueueService", "Cloud Pub/Sub", "Service Bus"),
    "Application Platforms": ("Azure App Service",),
    "Data Processing": ("AWS Glue", "AWSGlue", "Azure Data Factory v2", "Cloud Dataflow"),
    "Search": ("Amazon OpenSearch Service", "AmazonES"),
}
SUBCATEGORY_OF: Mapping[str, str] = {service: kind for kind, services in _KNOWN.items() for service in services}
"""Services whose purpose is in no doubt, to their subcategory; it counts only under the category it belongs to."""


def subcategory(service: str, category: str) -> str:
    """The subcategory of a service: that of its well-known purpose, else the category's own rest.

    >>> subcategory("Cloud SQL", "Databases"), subcategory("Cloud SQL", "Compute")
    ('Relational Databases', 'Other (Compute)')
    """
    known = SUBCATEGORY_OF.get(service)
    return known if known in SUBCATEGORIES.get(category, ()) and known else f"Other ({category})"
