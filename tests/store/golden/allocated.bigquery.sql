SELECT
  `t14`.`x_Day`,
  `t14`.`x_Project`,
  `t14`.`x_Phase`,
  `t14`.`x_Environment`,
  `t14`.`x_AllocationRule`,
  `t14`.`ProviderName`,
  `t14`.`BillingAccountId`,
  `t14`.`SubAccountId`,
  `t14`.`SubAccountName`,
  `t14`.`ServiceCategory`,
  `t14`.`ServiceName`,
  `t14`.`RegionId`,
  `t14`.`ChargeCategory`,
  `t14`.`CommitmentDiscountId`,
  `t14`.`CommitmentDiscountStatus`,
  `t14`.`BillingCurrency`,
  `t14`.`Tags`,
  `t14`.`BilledCost`,
  `t14`.`EffectiveCost`,
  `t14`.`ListCost`,
  `t14`.`ContractedCost`,
  CAST(NULL AS FLOAT64) AS `x_AcceleratorHours`,
  CAST(NULL AS FLOAT64) AS `x_VcpuHours`,
  CAST(NULL AS FLOAT64) AS `x_MemoryGbHours`,
  CAST(NULL AS FLOAT64) AS `x_Flop`,
  CAST(NULL AS FLOAT64) AS `x_EnergyKwh`,
  CAST(NULL AS FLOAT64) AS `x_Co2eKg`,
  '805d0b0b1e19a148' AS `x_Rules`
FROM (
  SELECT
    `t13`.`x_Day`,
    `t4`.`x_Project`,
    `t4`.`x_Phase`,
    `t4`.`x_Environment`,
    `t4`.`x_AllocationRule`,
    `t4`.`x_Shared`,
    `t13`.`x_Source`,
    `t13`.`x_BillingMonth`,
    `t13`.`ProviderName`,
    `t13`.`BillingAccountId`,
    `t13`.`SubAccountId`,
    `t13`.`SubAccountName`,
    `t13`.`ServiceCategory`,
    `t13`.`ServiceName`,
    `t13`.`RegionId`,
    `t13`.`ChargeCategory`,
    `t13`.`CommitmentDiscountId`,
    `t13`.`CommitmentDiscountStatus`,
    `t13`.`BillingCurrency`,
    `t13`.`Tags`,
    `t13`.`BilledCost`,
    `t13`.`EffectiveCost`,
    `t13`.`ListCost`,
    `t13`.`ContractedCost`
  FROM (
    SELECT
      `t11`.`x_Day`,
      `t11`.`x_Source`,
      `t11`.`x_BillingMonth`,
      `t11`.`ProviderName`,
      `t11`.`BillingAccountId`,
      `t11`.`SubAccountId`,
      `t11`.`SubAccountName`,
      `t11`.`ServiceCategory`,
      `t11`.`ServiceName`,
      `t11`.`RegionId`,
      `t11`.`ChargeCategory`,
      `t11`.`CommitmentDiscountId`,
      `t11`.`CommitmentDiscountStatus`,
      `t11`.`BillingCurrency`,
      `t11`.`told:Tags`,
      `t11`.`BilledCost`,
      `t11`.`EffectiveCost`,
      `t11`.`ListCost`,
      `t11`.`ContractedCost`,
      `t11`.`told:Tags` AS `Tags`,
      `t11`.`SubAccountId` AS `k0`,
      `t11`.`told:Tags` AS `k1`
    FROM (
      SELECT
        `t10`.`x_Day`,
        `t10`.`x_Source`,
        `t10`.`x_BillingMonth`,
        `t10`.`ProviderName`,
        `t10`.`BillingAccountId`,
        `t10`.`SubAccountId`,
        `t10`.`SubAccountName`,
        `t10`.`ServiceCategory`,
        `t10`.`ServiceName`,
        `t10`.`RegionId`,
        `t10`.`ChargeCategory`,
        `t10`.`CommitmentDiscountId`,
        `t10`.`CommitmentDiscountStatus`,
        `t10`.`BillingCurrency`,
        `t10`.`told:Tags`,
        CAST(SUM(`t10`.`BilledCost`) AS BIGNUMERIC) AS `BilledCost`,
        CAST(SUM(`t10`.`EffectiveCost`) AS BIGNUMERIC) AS `EffectiveCost`,
        CAST(SUM(`t10`.`ListCost`) AS BIGNUMERIC) AS `ListCost`,
        CAST(SUM(`t10`.`ContractedCost`) AS BIGNUMERIC) AS `ContractedCost`
      FROM (
        SELECT
          IF(
            DATE(`t9`.`ChargePeriodStart`) < DATE(`t9`.`BillingPeriodStart`),
            DATE(`t9`.`BillingPeriodStart`),
            IF(
              DATE(`t9`.`ChargePeriodStart`) > DATE(TIMESTAMP_SUB(`t9`.`BillingPeriodEnd`, INTERVAL '1' MICROSECOND)),
              DATE(TIMESTAMP_SUB(`t9`.`BillingPeriodEnd`, INTERVAL '1' MICROSECOND)),
              DATE(`t9`.`ChargePeriodStart`)
            )
          ) AS `x_Day`,
          `t9`.`x_Source`,
          `t9`.`x_BillingMonth`,
          `t9`.`ProviderName`,
          `t9`.`BillingAccountId`,
          `t9`.`SubAccountId`,
          `t9`.`SubAccountName`,
          `t9`.`ServiceCategory`,
          `t9`.`ServiceName`,
          `t9`.`RegionId`,
          `t9`.`ChargeCategory`,
          `t9`.`CommitmentDiscountId`,
          `t9`.`CommitmentDiscountStatus`,
          `t9`.`BillingCurrency`,
          `t9`.`told:Tags`,
          `t9`.`BilledCost`,
          `t9`.`EffectiveCost`,
          `t9`.`ListCost`,
          `t9`.`ContractedCost`
        FROM (
          SELECT
            `t8`.*
            EXCEPT (`value:Tags`)
          FROM (
            SELECT
              `t2`.`AvailabilityZone`,
              `t2`.`BilledCost`,
              `t2`.`BillingAccountId`,
              `t2`.`BillingAccountName`,
              `t2`.`BillingAccountType`,
              `t2`.`BillingCurrency`,
              `t2`.`BillingPeriodEnd`,
              `t2`.`BillingPeriodStart`,
              `t2`.`CapacityReservationId`,
              `t2`.`CapacityReservationStatus`,
              `t2`.`ChargeCategory`,
              `t2`.`ChargeClass`,
              `t2`.`ChargeDescription`,
              `t2`.`ChargeFrequency`,
              `t2`.`ChargePeriodEnd`,
              `t2`.`ChargePeriodStart`,
              `t2`.`CommitmentDiscountCategory`,
              `t2`.`CommitmentDiscountId`,
              `t2`.`CommitmentDiscountName`,
              `t2`.`CommitmentDiscountQuantity`,
              `t2`.`CommitmentDiscountStatus`,
              `t2`.`CommitmentDiscountType`,
              `t2`.`CommitmentDiscountUnit`,
              `t2`.`ConsumedQuantity`,
              `t2`.`ConsumedUnit`,
              `t2`.`ContractedCost`,
              `t2`.`ContractedUnitPrice`,
              `t2`.`EffectiveCost`,
              `t2`.`InvoiceId`,
              `t2`.`InvoiceIssuerName`,
              `t2`.`ListCost`,
              `t2`.`ListUnitPrice`,
              `t2`.`PricingCategory`,
              `t2`.`PricingCurrency`,
              `t2`.`PricingCurrencyContractedUnitPrice`,
              `t2`.`PricingCurrencyEffectiveCost`,
              `t2`.`PricingCurrencyListUnitPrice`,
              `t2`.`PricingQuantity`,
              `t2`.`PricingUnit`,
              `t2`.`ProviderName`,
              `t2`.`PublisherName`,
              `t2`.`RegionId`,
              `t2`.`RegionName`,
              `t2`.`ResourceId`,
              `t2`.`ResourceName`,
              `t2`.`ResourceType`,
              `t2`.`ServiceCategory`,
              `t2`.`ServiceName`,
              `t2`.`ServiceSubcategory`,
              `t2`.`SkuId`,
              `t2`.`SkuMeter`,
              `t2`.`SkuPriceDetails`,
              `t2`.`SkuPriceId`,
              `t2`.`SubAccountId`,
              `t2`.`SubAccountName`,
              `t2`.`SubAccountType`,
              `t2`.`Tags`,
              `t2`.`x_AdjustmentReason`,
              `t2`.`x_BillingTimeZone`,
              `t2`.`x_CommitmentEnd`,
              `t2`.`x_CommitmentStart`,
              `t2`.`x_CostCategories`,
              `t2`.`x_Credits`,
              `t2`.`x_Delivery`,
              `t2`.`x_ExchangeRateFromUsd`,
              `t2`.`x_ExportTime`,
              `t2`.`x_InstanceType`,
              `t2`.`x_LineItemType`,
              `t2`.`x_Operation`,
              `t2`.`x_ServiceCode`,
              `t2`.`x_Source`,
              `t2`.`x_BillingMonth`,
              `t7`.`value:Tags`,
              `t7`.`told:Tags`
            FROM `cost` AS `t2`
            LEFT OUTER JOIN (
              SELECT
                `t5`.`value` AS `value:Tags`,
                CONCAT(
                  CONCAT(
                    '{',
                    NULLIF(
                      IF(
                        ARRAY_LENGTH(
                          ARRAY(
                            SELECT
                              __ibis_param_member__
                            FROM UNNEST([
                              CONCAT(
                                '"project": ',
                                CONCAT(
                                  CONCAT(
                                    '"',
                                    REGEXP_REPLACE(
                                      REPLACE(
                                        REPLACE(
                                          REPLACE(
                                            REPLACE(
                                              REPLACE(
                                                REPLACE(
                                                  REPLACE(
                                                    COALESCE(
                                                      safe.string(CAST(`t5`.`value` AS JSON)['project']),
                                                      NULLIF(CAST(CAST(`t5`.`value` AS JSON)['project'] AS STRING), 'null')
                                                    ),
                                                    '\\',
                                                    '\\\\'
                                                  ),
                                                  '"',
                                                  '\\"'
                                                ),
                                                '\n',
                                                '\\n'
                                              ),
                                              '\r',
                                              '\\r'
                                            ),
                                            '\t',
                                            '\\t'
                                          ),
                                          '\b',
                                          '\\b'
                                        ),
                                        '\f',
                                        '\\f'
                                      ),
                                      '[\\x00-\\x1f]',
                                      ' '
                                    )
                                  ),
                                  '"'
                                )
                              )
                            ]) AS __ibis_param_member__
                            WHERE
                              __ibis_param_member__ IS NOT NULL
                          )
                        ) > 0,
                        ARRAY_TO_STRING(
                          ARRAY(
                            SELECT
                              __ibis_param_member__
                            FROM UNNEST([
                              CONCAT(
                                '"project": ',
                                CONCAT(
                                  CONCAT(
                                    '"',
                                    REGEXP_REPLACE(
                                      REPLACE(
                                        REPLACE(
                                          REPLACE(
                                            REPLACE(
                                              REPLACE(
                                                REPLACE(
                                                  REPLACE(
                                                    COALESCE(
                                                      safe.string(CAST(`t5`.`value` AS JSON)['project']),
                                                      NULLIF(CAST(CAST(`t5`.`value` AS JSON)['project'] AS STRING), 'null')
                                                    ),
                                                    '\\',
                                                    '\\\\'
                                                  ),
                                                  '"',
                                                  '\\"'
                                                ),
                                                '\n',
                                                '\\n'
                                              ),
                                              '\r',
                                              '\\r'
                                            ),
                                            '\t',
                                            '\\t'
                                          ),
                                          '\b',
                                          '\\b'
                                        ),
                                        '\f',
                                        '\\f'
                                      ),
                                      '[\\x00-\\x1f]',
                                      ' '
                                    )
                                  ),
                                  '"'
                                )
                              )
                            ]) AS __ibis_param_member__
                            WHERE
                              __ibis_param_member__ IS NOT NULL
                          ),
                          ', '
                        ),
                        NULL
                      ),
                      ''
                    )
                  ),
                  '}'
                ) AS `told:Tags`
              FROM (
                SELECT DISTINCT
                  `t1`.`Tags` AS `value`
                FROM `cost` AS `t1`
                WHERE
                  `t1`.`Tags` IS NOT NULL
              ) AS `t5`
            ) AS `t7`
              ON `t2`.`Tags` = `t7`.`value:Tags`
          ) AS `t8`
        ) AS `t9`
      ) AS `t10`
      GROUP BY
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        8,
        9,
        10,
        11,
        12,
        13,
        14,
        15
    ) AS `t11`
  ) AS `t13`
  INNER JOIN (
    SELECT
      `t0`.`k0` AS `k0_right`,
      `t0`.`k1` AS `k1_right`,
      `t0`.`x_Project`,
      `t0`.`x_Phase`,
      `t0`.`x_Environment`,
      `t0`.`x_AllocationRule`,
      `t0`.`x_Shared`
    FROM `owners` AS `t0`
  ) AS `t4`
    ON `t13`.`k0` IS NOT DISTINCT FROM `t4`.`k0_right`
    AND `t13`.`k1` IS NOT DISTINCT FROM `t4`.`k1_right`
) AS `t14`
