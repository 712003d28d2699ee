SELECT
  `t0`.`billing_account_id`,
  `t0`.`service`.`id` AS `service_id`,
  `t0`.`service`.`description` AS `service_description`,
  `t0`.`sku`.`id` AS `sku_id`,
  `t0`.`sku`.`description` AS `sku_description`,
  `t0`.`usage_start_time`,
  `t0`.`usage_end_time`,
  `t0`.`project`.`id` AS `project_id`,
  `t0`.`project`.`name` AS `project_name`,
  `t0`.`location`.`region` AS `location_region`,
  `t0`.`location`.`zone` AS `location_zone`,
  `t0`.`resource`.`name` AS `resource_name`,
  `t0`.`resource`.`global_name` AS `resource_global_name`,
  `t0`.`export_time`,
  CAST(`t0`.`cost` AS STRING) AS `cost`,
  CAST(`t0`.`cost_at_list` AS STRING) AS `cost_at_list`,
  `t0`.`cost_at_effective_price_default`,
  `t0`.`currency`,
  CAST(`t0`.`currency_conversion_rate` AS STRING) AS `currency_conversion_rate`,
  CAST(`t0`.`usage`.`amount` AS STRING) AS `usage_amount`,
  `t0`.`usage`.`unit` AS `usage_unit`,
  `t0`.`usage`.`amount_in_pricing_units` AS `usage_amount_in_pricing_units`,
  `t0`.`usage`.`pricing_unit` AS `usage_pricing_unit`,
  `t0`.`invoice`.`month` AS `invoice_month`,
  `t0`.`cost_type`,
  `t0`.`transaction_type`,
  `t0`.`seller_name`,
  `t0`.`adjustment_info`.`id` AS `adjustment_info_id`,
  `t0`.`adjustment_info`.`description` AS `adjustment_info_description`,
  `t0`.`adjustment_info`.`mode` AS `adjustment_info_mode`,
  `t0`.`adjustment_info`.`type` AS `adjustment_info_type`,
  `t0`.`consumption_model`.`id` AS `consumption_model_id`,
  `t0`.`consumption_model`.`description` AS `consumption_model_description`,
  `t0`.`subscription`.`instance_id` AS `subscription_instance_id`,
  CAST(`t0`.`price`.`list_price` AS STRING) AS `price_list_price`,
  `t0`.`price`.`effective_price` AS `price_effective_price`,
  `t0`.`price`.`effective_price_default` AS `price_effective_price_default`,
  `t0`.`price`.`pricing_unit_quantity` AS `price_pricing_unit_quantity`,
  `t0`.`labels`,
  `t0`.`project`.`labels` AS `project_labels`,
  `t0`.`system_labels`,
  `t0`.`tags`,
  ARRAY(
    SELECT
      STRUCT(
        __ibis_param_record__.`name` AS `name`,
        CAST(__ibis_param_record__.`amount` AS STRING) AS `amount`,
        __ibis_param_record__.`full_name` AS `full_name`,
        __ibis_param_record__.`id` AS `id`,
        __ibis_param_record__.`type` AS `type`
      )
    FROM UNNEST(`t0`.`credits`) AS __ibis_param_record__
  ) AS `credits`
FROM `acme-billing`.`billing`.`gcp_billing_export_resource_v1_01A7C4_9E52B0_3D61F8` AS `t0`
WHERE
  `t0`.`invoice`.`month` = '202601'
  AND `t0`.`export_time` <= TIMESTAMP('2026-02-03T04:05:06.123456+00:00')
  AND (
    (
      (
        `t0`.`_PARTITIONTIME` >= TIMESTAMP('2026-01-01T00:00:00+00:00')
      )
      AND (
        `t0`.`_PARTITIONTIME` <= TIMESTAMP('2026-02-03T00:00:00+00:00')
      )
    )
    OR (
      `t0`.`_PARTITIONTIME` IS NULL
    )
  )
