-- What `finops ingest` does with a CUR 2.0 month, written by hand for DuckDB and for the columns of benchmarks/scale.py:
-- rows in FOCUS columns as zstd Parquet, daily aggregates with their owners, and a control total from the export.
-- In braces: export, the files to read. cost and allocated, files to write. services, the categories of services.

COPY (
    WITH lines AS (
        SELECT *,
            line_item_unblended_cost::DECIMAL(18, 10)::DECIMAL(36, 18) AS amount,
            pricing_public_on_demand_cost::DECIMAL(18, 10)::DECIMAL(36, 18) AS listed,
            try_cast(line_item_unblended_rate AS DECIMAL(36, 18)) AS price,
            try_cast(pricing_public_on_demand_rate AS DECIMAL(36, 18)) AS list_price,
            coalesce(savings_plan_savings_plan_a_r_n, reservation_reservation_a_r_n) AS arn,
            line_item_line_item_type IN ('SavingsPlanCoveredUsage', 'DiscountedUsage') AS covered,
            CASE
                WHEN line_item_line_item_type IN ('Usage', 'SavingsPlanCoveredUsage', 'DiscountedUsage') THEN 'Usage'
                WHEN line_item_line_item_type = 'Tax' THEN 'Tax'
                WHEN line_item_line_item_type = 'Credit' THEN 'Credit'
                ELSE 'Purchase'
            END AS kind,
            nullif(array_to_string(list_sort(list_transform(
                map_entries(resource_tags),
                lambda e: to_json(regexp_replace(e.key, '^user_', '')) || ': ' || to_json(e.value))), ', '), '') AS tags
        FROM read_parquet({export})
        WHERE line_item_line_item_type <> 'SavingsPlanNegation'
    ),
    charges AS (
        SELECT *, row_kind = 2 AS idle
        FROM lines, (VALUES (1), (2)) kinds(row_kind)
        WHERE row_kind = 1 OR (
            line_item_line_item_type = 'RIFee' AND reservation_unused_recurring_fee > 0
            OR line_item_line_item_type = 'SavingsPlanRecurringFee'
            AND savings_plan_total_commitment_to_date > savings_plan_used_commitment)
    )
    SELECT
        line_item_availability_zone AS AvailabilityZone,
        CASE WHEN idle OR covered THEN 0 ELSE amount END::DECIMAL(36, 18) AS BilledCost,
        bill_payer_account_id AS BillingAccountId,
        'Management account' AS BillingAccountType,
        line_item_currency_code AS BillingCurrency,
        bill_billing_period_end_date::TIMESTAMPTZ AS BillingPeriodEnd,
        bill_billing_period_start_date::TIMESTAMPTZ AS BillingPeriodStart,
        CASE WHEN idle THEN 'Usage' ELSE kind END AS ChargeCategory,
        CASE WHEN idle THEN 'Unused commitment: ' ELSE '' END || line_item_line_item_description AS ChargeDescription,
        CASE
            WHEN idle THEN 'Usage-Based' WHEN kind = 'Purchase' THEN 'Recurring' WHEN kind = 'Credit' THEN 'One-Time'
            ELSE 'Usage-Based'
        END AS ChargeFrequency,
        line_item_usage_end_date::TIMESTAMPTZ AS ChargePeriodEnd,
        line_item_usage_start_date::TIMESTAMPTZ AS ChargePeriodStart,
        CASE WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'Spend' WHEN arn IS NOT NULL THEN 'Usage' END
            AS CommitmentDiscountCategory,
        arn AS CommitmentDiscountId,
        CASE WHEN idle THEN 'Unused' WHEN kind = 'Usage' AND arn IS NOT NULL THEN 'Used' END
            AS CommitmentDiscountStatus,
        CASE WHEN savings_plan_savings_plan_a_r_n IS NOT NULL THEN 'Savings Plan'
            WHEN arn IS NOT NULL THEN 'Reserved Instance' END AS CommitmentDiscountType,
        CASE WHEN kind = 'Usage' THEN line_item_usage_amount END AS ConsumedQuantity,
        CASE WHEN kind = 'Usage' THEN pricing_unit END AS ConsumedUnit,
        CASE WHEN idle THEN 0 WHEN covered THEN coalesce(nullif(listed, 0), amount) ELSE amount END::DECIMAL(36, 18)
            AS ContractedCost,
        CASE WHEN covered THEN coalesce(list_price, price) ELSE price END AS ContractedUnitPrice,
        CASE
            WHEN idle AND line_item_line_item_type = 'RIFee'
                THEN reservation_unused_recurring_fee::DECIMAL(18, 10)
            WHEN idle THEN savings_plan_total_commitment_to_date::DECIMAL(18, 10)
                - savings_plan_used_commitment::DECIMAL(18, 10)
            WHEN line_item_line_item_type = 'SavingsPlanCoveredUsage'
                THEN savings_plan_savings_plan_effective_cost::DECIMAL(18, 10)
            WHEN line_item_line_item_type = 'DiscountedUsage' THEN reservation_effective_cost::DECIMAL(18, 10)
            WHEN kind = 'Purchase' THEN 0
            ELSE amount
        END::DECIMAL(36, 18) AS EffectiveCost,
        coalesce(bill_invoicing_entity, 'AWS') AS InvoiceIssuerName,
        CASE WHEN idle THEN 0 WHEN kind = 'Usage' THEN coalesce(nullif(listed, 0), amount) ELSE amount
            END::DECIMAL(36, 18) AS ListCost,
        coalesce(list_price, price) AS ListUnitPrice,
        CASE WHEN covered OR idle THEN 'Committed' WHEN kind = 'Tax' THEN NULL
            WHEN contains(line_item_usage_type, 'SpotUsage') THEN 'Dynamic' ELSE 'Standard' END AS PricingCategory,
        CASE WHEN kind IN ('Usage', 'Purchase') THEN line_item_usage_amount END AS PricingQuantity,
        CASE WHEN kind IN ('Usage', 'Purchase') THEN pricing_unit END AS PricingUnit,
        'AWS' AS ProviderName,
        coalesce(line_item_legal_entity, 'AWS') AS PublisherName,
        product_region_code AS RegionId,
        product_location AS RegionName,
        line_item_resource_id AS ResourceId,
        CASE WHEN line_item_resource_id IS NOT NULL THEN product_product_family END AS ResourceType,
        coalesce(category_of.category, 'Other') AS ServiceCategory,
        coalesce(nullif(product['product_name'], ''), line_item_product_code, 'AWS') AS ServiceName,
        product_sku AS SkuId,
        line_item_usage_type AS SkuMeter,
        pricing_rate_code AS SkuPriceId,
        line_item_usage_account_id AS SubAccountId,
        line_item_usage_account_name AS SubAccountName,
        'Account' AS SubAccountType,
        '{{' || tags || '}}' AS Tags,
        nullif(array_to_string(list_sort(list_transform(
            map_entries(cost_category), lambda e: to_json(e.key) || ': ' || to_json(e.value))), ', '), '') AS x_CostCategories,
        '.' AS x_Delivery,
        product_instance_type AS x_InstanceType,
        line_item_line_item_type AS x_LineItemType,
        line_item_operation AS x_Operation,
        line_item_product_code AS x_ServiceCode
    FROM charges
    LEFT JOIN read_parquet({services}) category_of
        ON category_of.service = coalesce(nullif(product['product_name'], ''), line_item_product_code, 'AWS')
) TO {cost} (FORMAT parquet, COMPRESSION zstd);

COPY (
    SELECT
        greatest(BillingPeriodStart::DATE, least(ChargePeriodStart::DATE, BillingPeriodEnd::DATE - 1)) AS x_Day,
        CASE Tags ->> '$.project' WHEN 'search' THEN 'search' WHEN 'llm' THEN 'llm' END AS x_Project,
        Tags ->> '$.project' AS tag,
        ProviderName, BillingAccountId, SubAccountId, SubAccountName, ServiceCategory, ServiceName, RegionId,
        ChargeCategory, CommitmentDiscountId, CommitmentDiscountStatus, BillingCurrency,
        sum(BilledCost)::DECIMAL(36, 18) AS BilledCost,
        sum(EffectiveCost)::DECIMAL(36, 18) AS EffectiveCost,
        sum(ListCost)::DECIMAL(36, 18) AS ListCost,
        sum(ContractedCost)::DECIMAL(36, 18) AS ContractedCost
    FROM read_parquet({cost})
    GROUP BY ALL
) TO {allocated} (FORMAT parquet, COMPRESSION zstd);

-- The proofs: export = table = aggregates, per currency and month.
SELECT line_item_currency_code, strftime(bill_billing_period_start_date, '%Y-%m'),
    sum(CASE WHEN line_item_line_item_type NOT IN ('SavingsPlanCoveredUsage', 'DiscountedUsage', 'SavingsPlanNegation')
        THEN line_item_unblended_cost::VARCHAR::DECIMAL(36, 18) ELSE 0 END)
FROM read_parquet({export}) GROUP BY ALL;

SELECT BillingCurrency, strftime(BillingPeriodStart, '%Y-%m'), sum(BilledCost) FROM read_parquet({cost}) GROUP BY ALL;

SELECT BillingCurrency, sum(BilledCost), sum(EffectiveCost), sum(ListCost), sum(ContractedCost)
FROM read_parquet({allocated}) GROUP BY ALL;
