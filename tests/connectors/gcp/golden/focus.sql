SELECT
  CASE
    WHEN `t5`.`kind` = 'unused'
    THEN CAST(0 AS BIGNUMERIC)
    WHEN `t5`.`is_usage_of_link`
    THEN COALESCE(`t5`.`discounts`, CAST(0 AS BIGNUMERIC))
    WHEN `t5`.`is_purchase_of_link`
    THEN `t5`.`amount` + COALESCE(`t5`.`discounts`, CAST(0 AS BIGNUMERIC))
    ELSE `t5`.`amount` + COALESCE(`t5`.`discounts`, CAST(0 AS BIGNUMERIC)) + COALESCE(`t5`.`offset_amount`, CAST(0 AS BIGNUMERIC))
  END AS `BilledCost`,
  CASE
    WHEN `t5`.`is_purchase_of_link` OR (
      `t5`.`kind` = 'rounding'
    )
    THEN CAST(0 AS BIGNUMERIC)
    WHEN `t5`.`is_usage_of_link`
    THEN `t5`.`amount` + COALESCE(`t5`.`discounts`, CAST(0 AS BIGNUMERIC))
    WHEN `t5`.`link_share` IS NOT NULL
    THEN `t5`.`amount` + COALESCE(`t5`.`discounts`, CAST(0 AS BIGNUMERIC)) + COALESCE(`t5`.`offset_amount`, CAST(0 AS BIGNUMERIC)) + `t5`.`link_share`
    ELSE `t5`.`amount` + COALESCE(`t5`.`discounts`, CAST(0 AS BIGNUMERIC)) + COALESCE(`t5`.`offset_amount`, CAST(0 AS BIGNUMERIC))
  END AS `EffectiveCost`,
  `t5`.`project_id` AS `SubAccountId`,
  `t5`.`category` AS `ChargeCategory`,
  IF(COALESCE(`t5`.`is_correction`, FALSE), 'Correction', NULL) AS `ChargeClass`,
  IF(
    (
      `t5`.`own_commitment` IS NOT NULL
    )
    AND `t5`.`category` IN ('Usage', 'Purchase'),
    `t5`.`own_commitment`,
    NULL
  ) AS `CommitmentDiscountId`,
  IF(
    (
      `t5`.`own_commitment` IS NOT NULL
    )
    AND `t5`.`category` IN ('Usage', 'Purchase')
    AND (
      `t5`.`category` = 'Usage'
    ),
    IF(`t5`.`kind` = 'unused', 'Unused', 'Used'),
    NULL
  ) AS `CommitmentDiscountStatus`,
  IF(
    COALESCE(`t5`.`transaction_type`, 'GOOGLE') = 'GOOGLE',
    'Google',
    COALESCE(`t5`.`seller_name`, 'Google')
  ) AS `PublisherName`,
  CASE
    WHEN `t5`.`kind` = 'charge'
    THEN `t5`.`cost_type`
    WHEN `t5`.`kind` = 'credit'
    THEN `t5`.`credit_type`
    ELSE `t5`.`kind`
  END AS `x_LineItemType`
FROM (
  SELECT
    `t4`.`kind`,
    `t4`.`billing_account_id`,
    `t4`.`service_id`,
    `t4`.`service_description`,
    `t4`.`sku_id`,
    `t4`.`sku_description`,
    `t4`.`usage_start_time`,
    `t4`.`usage_end_time`,
    `t4`.`project_id`,
    `t4`.`project_name`,
    `t4`.`location_region`,
    `t4`.`location_zone`,
    `t4`.`resource_name`,
    `t4`.`resource_global_name`,
    `t4`.`export_time`,
    `t4`.`cost`,
    `t4`.`cost_at_list`,
    `t4`.`cost_at_effective_price_default`,
    `t4`.`currency`,
    `t4`.`currency_conversion_rate`,
    `t4`.`usage_amount`,
    `t4`.`usage_unit`,
    `t4`.`usage_amount_in_pricing_units`,
    `t4`.`usage_pricing_unit`,
    `t4`.`invoice_month`,
    `t4`.`transaction_type`,
    `t4`.`seller_name`,
    `t4`.`adjustment_info_id`,
    `t4`.`adjustment_info_description`,
    `t4`.`adjustment_info_mode`,
    `t4`.`adjustment_info_type`,
    `t4`.`consumption_model_description`,
    `t4`.`subscription_instance_id`,
    `t4`.`billing_account_name`,
    `t4`.`cost_type`,
    `t4`.`discounts`,
    `t4`.`offset_amount`,
    `t4`.`list_unit_price`,
    `t4`.`contracted_unit_price`,
    `t4`.`is_fee`,
    `t4`.`is_covered`,
    `t4`.`is_correction`,
    `t4`.`commitment_key`,
    `t4`.`commitment_id`,
    `t4`.`commitment_name`,
    `t4`.`commitment_category`,
    `t4`.`tags`,
    `t4`.`credits`,
    `t4`.`instance_type`,
    `t4`.`credit_type`,
    `t4`.`credit_name`,
    `t4`.`link_key`,
    `t4`.`link_commitment_id`,
    `t4`.`link_share`,
    CASE
      WHEN `t4`.`kind` = 'credit'
      THEN 'Credit'
      WHEN `t4`.`kind` = 'rounding'
      THEN 'Adjustment'
      WHEN `t4`.`kind` = 'unused'
      THEN 'Usage'
      WHEN `t4`.`cost_type` = 'tax'
      THEN 'Tax'
      WHEN `t4`.`cost_type` IN ('adjustment', 'rounding_error')
      THEN 'Adjustment'
      WHEN COALESCE(`t4`.`is_fee`, FALSE)
      THEN 'Purchase'
      ELSE 'Usage'
    END AS `category`,
    (
      `t4`.`kind` = 'charge'
    )
    AND (
      `t4`.`link_key` IS NOT NULL
    )
    AND COALESCE(`t4`.`is_fee`, FALSE) AS `is_purchase_of_link`,
    (
      `t4`.`kind` = 'charge'
    )
    AND (
      `t4`.`link_key` IS NOT NULL
    )
    AND COALESCE(`t4`.`is_covered`, FALSE) AS `is_usage_of_link`,
    (
      `t4`.`kind` = 'charge'
    ) AND COALESCE(`t4`.`is_covered`, FALSE) AS `covered`,
    COALESCE(`t4`.`link_commitment_id`, `t4`.`commitment_id`) AS `own_commitment`,
    SAFE_CAST(IF(
      (
        LENGTH(`t4`.`cost`) >= 20
      )
      OR (
        INSTR(`t4`.`cost`, 'e-') > 0
      )
      OR (
        INSTR(`t4`.`cost`, 'E-') > 0
      ),
      REGEXP_REPLACE(
        IF(
          REGEXP_CONTAINS(
            TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
            '^[-+]?([0-9]+\\.?[0-9]*|\\.[0-9]+)[eE][-+]?[0-9]{1,2}$'
          ),
          CONCAT(
            CONCAT(
              CONCAT(
                IF(
                  REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                  IF(
                    1 = 0,
                    REGEXP_REPLACE(
                      TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                      CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                      '\\1'
                    ),
                    REGEXP_REPLACE(
                      TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                      CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                      CONCAT('\\', CAST(1 AS STRING))
                    )
                  ),
                  NULL
                ),
                SUBSTRING(
                  CONCAT(
                    CONCAT(
                      CONCAT(
                        '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
                        IF(
                          REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                          IF(
                            2 = 0,
                            REGEXP_REPLACE(
                              TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                              CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                              '\\1'
                            ),
                            REGEXP_REPLACE(
                              TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                              CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                              CONCAT('\\', CAST(2 AS STRING))
                            )
                          ),
                          NULL
                        )
                      ),
                      IF(
                        REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                        IF(
                          3 = 0,
                          REGEXP_REPLACE(
                            TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                            CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                            '\\1'
                          ),
                          REGEXP_REPLACE(
                            TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                            CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                            CONCAT('\\', CAST(3 AS STRING))
                          )
                        ),
                        NULL
                      )
                    ),
                    '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'
                  ),
                  IF(
                    (
                      0 + 1
                    ) >= 1,
                    0 + 1,
                    0 + 1 + LENGTH(
                      CONCAT(
                        CONCAT(
                          CONCAT(
                            '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
                            IF(
                              REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                              IF(
                                2 = 0,
                                REGEXP_REPLACE(
                                  TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                                  CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                                  '\\1'
                                ),
                                REGEXP_REPLACE(
                                  TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                                  CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                                  CONCAT('\\', CAST(2 AS STRING))
                                )
                              ),
                              NULL
                            )
                          ),
                          IF(
                            REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                            IF(
                              3 = 0,
                              REGEXP_REPLACE(
                                TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                                CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                                '\\1'
                              ),
                              REGEXP_REPLACE(
                                TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                                CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                                CONCAT('\\', CAST(3 AS STRING))
                              )
                            ),
                            NULL
                          )
                        ),
                        '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'
                      )
                    )
                  ),
                  LENGTH(
                    IF(
                      REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                      IF(
                        2 = 0,
                        REGEXP_REPLACE(
                          TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                          CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                          '\\1'
                        ),
                        REGEXP_REPLACE(
                          TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                          CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                          CONCAT('\\', CAST(2 AS STRING))
                        )
                      ),
                      NULL
                    )
                  ) + SAFE_CAST(IF(
                    REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                    IF(
                      4 = 0,
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                        '\\1'
                      ),
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                        CONCAT('\\', CAST(4 AS STRING))
                      )
                    ),
                    NULL
                  ) AS INT64) + 99
                )
              ),
              '.'
            ),
            SUBSTRING(
              CONCAT(
                CONCAT(
                  CONCAT(
                    '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
                    IF(
                      REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                      IF(
                        2 = 0,
                        REGEXP_REPLACE(
                          TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                          CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                          '\\1'
                        ),
                        REGEXP_REPLACE(
                          TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                          CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                          CONCAT('\\', CAST(2 AS STRING))
                        )
                      ),
                      NULL
                    )
                  ),
                  IF(
                    REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                    IF(
                      3 = 0,
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                        '\\1'
                      ),
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                        CONCAT('\\', CAST(3 AS STRING))
                      )
                    ),
                    NULL
                  )
                ),
                '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'
              ),
              IF(
                (
                  LENGTH(
                    IF(
                      REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                      IF(
                        2 = 0,
                        REGEXP_REPLACE(
                          TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                          CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                          '\\1'
                        ),
                        REGEXP_REPLACE(
                          TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                          CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                          CONCAT('\\', CAST(2 AS STRING))
                        )
                      ),
                      NULL
                    )
                  ) + SAFE_CAST(IF(
                    REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                    IF(
                      4 = 0,
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                        '\\1'
                      ),
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                        CONCAT('\\', CAST(4 AS STRING))
                      )
                    ),
                    NULL
                  ) AS INT64) + 99 + 1
                ) >= 1,
                LENGTH(
                  IF(
                    REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                    IF(
                      2 = 0,
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                        '\\1'
                      ),
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                        CONCAT('\\', CAST(2 AS STRING))
                      )
                    ),
                    NULL
                  )
                ) + SAFE_CAST(IF(
                  REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                  IF(
                    4 = 0,
                    REGEXP_REPLACE(
                      TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                      CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                      '\\1'
                    ),
                    REGEXP_REPLACE(
                      TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                      CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                      CONCAT('\\', CAST(4 AS STRING))
                    )
                  ),
                  NULL
                ) AS INT64) + 99 + 1,
                LENGTH(
                  IF(
                    REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                    IF(
                      2 = 0,
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                        '\\1'
                      ),
                      REGEXP_REPLACE(
                        TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                        CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                        CONCAT('\\', CAST(2 AS STRING))
                      )
                    ),
                    NULL
                  )
                ) + SAFE_CAST(IF(
                  REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                  IF(
                    4 = 0,
                    REGEXP_REPLACE(
                      TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                      CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                      '\\1'
                    ),
                    REGEXP_REPLACE(
                      TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                      CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                      CONCAT('\\', CAST(4 AS STRING))
                    )
                  ),
                  NULL
                ) AS INT64) + 99 + 1 + LENGTH(
                  CONCAT(
                    CONCAT(
                      CONCAT(
                        '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000',
                        IF(
                          REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                          IF(
                            2 = 0,
                            REGEXP_REPLACE(
                              TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                              CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                              '\\1'
                            ),
                            REGEXP_REPLACE(
                              TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                              CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                              CONCAT('\\', CAST(2 AS STRING))
                            )
                          ),
                          NULL
                        )
                      ),
                      IF(
                        REGEXP_CONTAINS(TRIM(`t4`.`cost`, ' \t\n\r\v\f'), '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$'),
                        IF(
                          3 = 0,
                          REGEXP_REPLACE(
                            TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                            CONCAT('.*?', CONCAT('(', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', ')'), '.*'),
                            '\\1'
                          ),
                          REGEXP_REPLACE(
                            TRIM(`t4`.`cost`, ' \t\n\r\v\f'),
                            CONCAT('.*?', '^([-+]?)([0-9]*)\\.?([0-9]*)[eE]([-+]?[0-9]*)$', '.*'),
                            CONCAT('\\', CAST(3 AS STRING))
                          )
                        ),
                        NULL
                      )
                    ),
                    '000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000'
                  )
                )
              )
            )
          ),
          TRIM(`t4`.`cost`, ' \t\n\r\v\f')
        ),
        '^([-+]?[0-9]*\\.[0-9]{17}[02468])50*$',
        '\\1'
      ),
      `t4`.`cost`
    ) AS BIGNUMERIC) AS `amount`,
    COALESCE(`t4`.`service_description`, `t4`.`service_id`, 'Google Cloud') AS `service`
  FROM (
    SELECT
      `t2`.`kind`,
      `t2`.`billing_account_id`,
      `t2`.`service_id`,
      `t2`.`service_description`,
      `t2`.`sku_id`,
      `t2`.`sku_description`,
      `t2`.`usage_start_time`,
      `t2`.`usage_end_time`,
      `t2`.`project_id`,
      `t2`.`project_name`,
      `t2`.`location_region`,
      `t2`.`location_zone`,
      `t2`.`resource_name`,
      `t2`.`resource_global_name`,
      `t2`.`export_time`,
      `t2`.`cost`,
      `t2`.`cost_at_list`,
      `t2`.`cost_at_effective_price_default`,
      `t2`.`currency`,
      `t2`.`currency_conversion_rate`,
      `t2`.`usage_amount`,
      `t2`.`usage_unit`,
      `t2`.`usage_amount_in_pricing_units`,
      `t2`.`usage_pricing_unit`,
      `t2`.`invoice_month`,
      `t2`.`transaction_type`,
      `t2`.`seller_name`,
      `t2`.`adjustment_info_id`,
      `t2`.`adjustment_info_description`,
      `t2`.`adjustment_info_mode`,
      `t2`.`adjustment_info_type`,
      `t2`.`consumption_model_description`,
      `t2`.`subscription_instance_id`,
      `t2`.`billing_account_name`,
      `t2`.`cost_type`,
      `t2`.`discounts`,
      `t2`.`offset_amount`,
      `t2`.`list_unit_price`,
      `t2`.`contracted_unit_price`,
      `t2`.`is_fee`,
      `t2`.`is_covered`,
      `t2`.`is_correction`,
      `t2`.`commitment_key`,
      `t2`.`commitment_id`,
      `t2`.`commitment_name`,
      `t2`.`commitment_category`,
      `t2`.`tags`,
      `t2`.`credits`,
      `t2`.`instance_type`,
      `t2`.`credit_type`,
      `t2`.`credit_name`,
      `t3`.`link_key`,
      `t3`.`link_commitment_id`,
      `t3`.`link_share`
    FROM `gcp_charges` AS `t2`
    LEFT OUTER JOIN `gcp_commitments` AS `t3`
      ON `t2`.`commitment_key` = `t3`.`link_key`
  ) AS `t4`
) AS `t5`
