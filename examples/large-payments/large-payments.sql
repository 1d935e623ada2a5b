-- A filter and a projection: enums stay enums, fields that are never null stay so.
INSERT INTO large_payments
SELECT transactionId, userIdentifier, amount, currency, status,
       t.merchant.name AS merchantName,
       COALESCE(cardCountry, 'unknown') AS cardCountry,
       createdAt, receivedAt
FROM transactions AS t
WHERE amount >= 1000 AND status IN ('AUTHORIZED', 'CAPTURED');
