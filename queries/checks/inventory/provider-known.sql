/*---
id = "INV-004"
title = "The provider is known"
severity = "low"
since = "0.1.0"
controls = [
    "nist-800-53-r5:~CM-8",
    "nist-csf-2.0:~ID.AM-02",
    "cis-controls-8.1:~15.1",
    "pci-dss-4.0.1:~12.8.1",
    "iso-27001-2022:~A.5.9",
    "soc2-tsc-2017-2022:~CC2.1",
]
rationale = "For an unknown provider no scope, reset or expiry facts are available, and nobody has approved it."
remediation = "Add the provider to the registry with its reset, expiry and scope facts, or correct the spelling."
evidence = ["provider"]
required = "The provider is on the registry."

[parameters.aliases]
type = "words"
default = []
stricter = "lower"
help = "Further names of known providers, in any letter case; the registry has its own aliases."

[parameters.placeholders]
type = "words"
list = "placeholders"
stricter = "higher"
help = "Words that are no provider."

[reasons.fail]
no-provider = "no provider is on record"
placeholder = "the provider is a placeholder: {provider}"
unknown-provider = "the registry does not know the provider {provider}"

[reasons.pass]
known = "the registry knows the provider {provider}"
alias = "the policy names {provider} as a further name of a provider"
---*/
SELECT
    token_key,
    substr(outcome, 1, instr(outcome, ' ') - 1) AS result,
    substr(outcome, instr(outcome, ' ') + 1) AS reason,
    'direct' AS basis,
    provider
FROM (
    SELECT
        token_key, provider,
        CASE
            WHEN COALESCE(trim(provider), '') = '' THEN 'fail no-provider'
            WHEN provider_known THEN 'pass known'
            WHEN lower(trim(provider)) IN (SELECT lower(trim(value)) FROM json_each(:aliases)) THEN 'pass alias'
            WHEN lower(trim(provider)) IN (SELECT lower(value) FROM json_each(:placeholders)) THEN 'fail placeholder'
            ELSE 'fail unknown-provider'
        END AS outcome
    FROM token
    LIMIT -1 OFFSET 0 -- no limit: it makes SQLite decide once per row and not once per column
);
