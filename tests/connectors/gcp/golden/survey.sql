SELECT
  `t1`.`month`,
  COUNT(*) AS `number_of_rows`,
  MAX(`t1`.`export_time`) AS `newest`,
  MIN(`t1`.`loaded`) AS `first_loaded`,
  MAX(`t1`.`loaded`) AS `last_loaded`
FROM (
  SELECT
    `t0`.`invoice`.`month` AS `month`,
    `t0`.`export_time`,
    `t0`.`_PARTITIONTIME` AS `loaded`
  FROM `acme-billing`.`billing`.`gcp_billing_export_resource_v1_01A7C4_9E52B0_3D61F8` AS `t0`
) AS `t1`
GROUP BY
  1
