SELECT
  `t0`.`AvailabilityZone` AS `availabilityzone`,
  CAST(`t0`.`BilledCost` AS STRING) AS `billedcost`,
  `t0`.`BillingAccountId` AS `billingaccountid`,
  `t0`.`BillingCurrency` AS `billingcurrency`,
  `t0`.`BillingPeriodStart` AS `billingperiodstart`,
  `t0`.`ChargeCategory` AS `chargecategory`,
  `t0`.`ChargeClass` AS `chargeclass`,
  `t0`.`ChargeDescription` AS `chargedescription`,
  `t0`.`ChargePeriodEnd` AS `chargeperiodend`,
  `t0`.`ChargePeriodStart` AS `chargeperiodstart`,
  `t0`.`CommitmentDiscountId` AS `commitmentdiscountid`,
  CAST(`t0`.`ConsumedQuantity` AS STRING) AS `consumedquantity`,
  `t0`.`ConsumedUnit` AS `consumedunit`,
  CAST(`t0`.`ContractedCost` AS STRING) AS `contractedcost`,
  CAST(`t0`.`ContractedUnitPrice` AS STRING) AS `contractedunitprice`,
  CAST(`t0`.`ListCost` AS STRING) AS `listcost`,
  CAST(`t0`.`ListUnitPrice` AS STRING) AS `listunitprice`,
  CAST(`t0`.`PricingQuantity` AS STRING) AS `pricingquantity`,
  `t0`.`PricingUnit` AS `pricingunit`,
  `t0`.`PublisherName` AS `publishername`,
  `t0`.`RegionId` AS `regionid`,
  `t0`.`ResourceId` AS `resourceid`,
  `t0`.`ResourceName` AS `resourcename`,
  `t0`.`ServiceName` AS `servicename`,
  `t0`.`SkuId` AS `skuid`,
  `t0`.`SubAccountId` AS `subaccountid`,
  `t0`.`SubAccountName` AS `subaccountname`,
  `t0`.`x_ConsumptionModelDescription` AS `x_consumptionmodeldescription`,
  `t0`.`x_ConsumptionModelId` AS `x_consumptionmodelid`,
  `t0`.`x_CostAtEffectivePriceDefault` AS `x_costateffectivepricedefault`,
  `t0`.`x_CostType` AS `x_costtype`,
  `t0`.`x_CurrencyConversionRate` AS `x_currencyconversionrate`,
  `t0`.`x_ExportTime` AS `x_exporttime`,
  `t0`.`x_Project`.`Id` AS `x_project_id`,
  `t0`.`x_Project`.`Name` AS `x_project_name`,
  `t0`.`x_ServiceId` AS `x_serviceid`,
  `t0`.`x_SubscriptionInstanceId` AS `x_subscriptioninstanceid`,
  `t0`.`x_Labels` AS `x_labels`,
  ARRAY(
    SELECT
      STRUCT(
        __ibis_param_record__.`Name` AS `Name`,
        CAST(__ibis_param_record__.`Amount` AS STRING) AS `Amount`,
        __ibis_param_record__.`FullName` AS `FullName`,
        __ibis_param_record__.`Id` AS `Id`,
        __ibis_param_record__.`Type` AS `Type`
      )
    FROM UNNEST(`t0`.`x_Credits`) AS __ibis_param_record__
  ) AS `x_credits`
FROM `acme-billing`.`billing`.`gcp_billing_export_focus_01A7C4_9E52B0_3D61F8` AS `t0`
WHERE
  FORMAT_TIMESTAMP('%Y%m', `t0`.`BillingPeriodStart`, 'UTC') = '202601'
  AND `t0`.`x_ExportTime` <= TIMESTAMP('2026-02-03T04:05:06.123456+00:00')
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
