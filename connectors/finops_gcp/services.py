"""FOCUS service category of Google's services, by the name the export gives them.

Source: service names of the Cloud Billing catalogue; categories of FOCUS 1.2 (November 2026). Unknown ones are `Other`.
"""

OTHER = "Other"

CATEGORIES: dict[str, tuple[str, ...]] = {
    "AI and Machine Learning": (
        "Vertex AI", "Gemini API", "Cloud Machine Learning Engine", "AI Platform", "Cloud Natural Language API",
        "Cloud Natural Language", "Cloud Vision API", "Cloud Speech API", "Cloud Text-to-Speech API",
        "Cloud Translation", "Translate", "Cloud Video Intelligence API", "Cloud Document AI API", "Document AI",
        "Cloud Dialogflow API", "Dialogflow API", "Recommendations AI", "Cloud TPU", "Notebooks",
        "Vertex AI Search", "Gemini for Google Cloud", "Claude", "Talent Solution", "Contact Center AI Platform",
        "Cloud AutoML", "Generative Language API",
    ),
    "Analytics": (
        "BigQuery", "BigQuery Reservation API", "BigQuery Storage API", "BigQuery BI Engine",
        "BigQuery Data Transfer Service", "Cloud Dataflow", "Cloud Dataproc", "Cloud Data Fusion",
        "Cloud Composer", "Dataplex", "Data Catalog", "Looker", "Looker Studio", "Dataform", "Cloud Dataprep",
        "Managed Service for Apache Kafka", "Cloud Healthcare", "Analytics Hub", "Datastream",
        "Dataproc Metastore", "Earth Engine",
    ),
    "Business Applications": (
        "Google Workspace", "AppSheet", "Business Messages",
    ),
    "Compute": (
        "Compute Engine", "App Engine", "Cloud Run", "Cloud Run Functions", "Cloud Functions", "Kubernetes Engine",
        "Batch", "VMware Engine", "Google Cloud VMware Engine", "Bare Metal Solution", "GKE Enterprise", "Anthos",
        "Cloud Workstations", "Google Distributed Cloud", "Sole-tenant nodes",
    ),
    "Databases": (
        "Cloud SQL", "Cloud Spanner", "Spanner", "Cloud Bigtable", "Bigtable", "Cloud Firestore", "Firestore",
        "Cloud Datastore", "AlloyDB", "Cloud Memorystore for Redis", "Cloud Memorystore for Memcached",
        "Memorystore", "Memorystore for Valkey", "Firebase Realtime Database", "MongoDB",
        "Oracle Database@Google Cloud",
    ),
    "Developer Tools": (
        "Cloud Build", "Artifact Registry", "Container Registry", "Container Registry Vulnerability Scanning",
        "Source Repository", "Cloud Source Repositories", "Cloud Deploy", "Firebase", "Firebase Test Lab",
        "Firebase App Distribution", "Container Scanning", "Secure Source Manager",
    ),
    "Identity": (
        "Identity Platform", "Cloud Identity", "Managed Service for Microsoft Active Directory", "Firebase Auth",
    ),
    "Integration": (
        "Cloud Pub/Sub", "Pub/Sub", "Cloud Tasks", "Cloud Scheduler", "Workflows", "Eventarc", "Apigee",
        "API Gateway", "Application Integration", "Cloud Endpoints", "Service Control", "Integration Connectors",
    ),
    "Internet of Things": (
        "Cloud IoT Core",
    ),
    "Management and Governance": (
        "Cloud Monitoring", "Cloud Logging", "Stackdriver Logging", "Stackdriver Monitoring", "Cloud Trace",
        "Stackdriver Trace", "Support", "Google Cloud Support", "Backup for GKE", "Cloud Asset Inventory",
        "Cloud Profiler", "Infrastructure Manager", "Network Intelligence Center", "Service Discovery",
        "Backup and DR Service",
    ),
    "Media": (
        "Transcoder API", "Live Stream API", "Cloud Video Stitcher", "Media CDN",
    ),
    "Migration": (
        "Migrate to Virtual Machines", "Database Migration Service", "Storage Transfer Service",
        "Transfer Appliance",
    ),
    "Mobile": (
        "Firebase Cloud Messaging", "Firebase Hosting",
    ),
    "Multicloud": (
        "GKE Multi-Cloud",
    ),
    "Networking": (
        "Networking", "Cloud DNS", "Cloud CDN", "CDN", "Cloud NAT", "NAT", "Cloud VPN", "Cloud Interconnect",
        "Cloud Load Balancing", "VPC", "Virtual Private Cloud", "Private Service Connect", "Route", "IP",
        "Network", "Network Connectivity Center", "Traffic Director", "Cloud Service Mesh", "Cloud Domains",
        "Network Security", "Cross-Cloud Interconnect",
    ),
    "Security": (
        "Security Command Center", "Cloud Key Management Service (KMS)", "Cloud Key Management Service",
        "Secret Manager", "Cloud Armor", "Firewall", "Cloud Firewall", "Cloud IDS", "reCAPTCHA Enterprise",
        "Certificate Authority Service", "Cloud Data Loss Prevention", "Sensitive Data Protection", "Web Risk",
        "Chronicle", "Google Security Operations", "Confidential Computing", "Cloud External Key Manager",
        "Identity-Aware Proxy", "BeyondCorp Enterprise", "Certificate Manager",
    ),
    "Storage": (
        "Cloud Storage", "Cloud Filestore", "Filestore", "Persistent Disk", "Google Cloud NetApp Volumes",
        "NetApp Volumes", "Cloud Storage for Firebase", "Managed Lustre", "Parallelstore",
    ),
    "Web": (
        "Maps API", "Google Maps Platform", "Places API", "Routes API", "Geocoding API", "Custom Search",
    ),
}  # fmt: skip
"""Each name stands in one category only."""
