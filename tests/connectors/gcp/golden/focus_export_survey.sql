SELECT
  `t1`.`month`,
  COUNT(*) AS `number_of_rows`,
  MAX(`t1`.`export_time`) AS `newest`,
  MIN(`t1`.`loaded`) AS `first_loaded`,
  MAX(`t1`.`loaded`) AS `last_loaded`
FROM (
  SELECT
    FORMAT_TIMESTAMP('%Y%m', `t0`.`BillingPeriodStart`, 'UTC') AS `month`,
    `t0`.`x_ExportTime` AS `export_time`,
    `t0`.`_PARTITIONTIME` AS `loaded`
  FROM `acme-billing`.`billing`.`gcp_billing_export_focus_01A7C4_9E52B0_3D61F8` AS `t0`
  WHERE
    `t0`.`x_ExportTime` > TIMESTAMP('2026-02-03T04:05:06.123456+00:00')
    AND (
      (
        `t0`.`_PARTITIONTIME` >= TIMESTAMP('2026-02-03T00:00:00+00:00')
      )
      OR (
        `t0`.`_PARTITIONTIME` IS NULL
      )
    )
) AS `t1`
GROUP BY
  1
