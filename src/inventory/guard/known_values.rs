//! Every form of value that the providers of the inventory formats issue, and what only looks like one.

use super::test_values::assemble;
use super::{Depth, Guard};

/// Provider, and the pieces of each form of value that has a shape of its own or stands with its label.
const VALUES: &[(&str, &[&[&str]])] = &[
    (
        "aws",
        &[
            &["aws_secret_", "access_key = {40}"],
            &["\"SecretAccess", "Key\": \"{40}\""],
            &["AK", "IA{upper:16}:{40}"],
            &["IQoJb3JpZ2lu", "X2Vj{200}"],
            &["AB", "SK{120}"],
        ],
    ),
    (
        "github",
        &[
            &["gh", "p_{36}"],
            &["gh", "o_{36}"],
            &["gh", "u_{36}"],
            &["gh", "s_{36}"],
            &["gh", "r_{76}"],
            &["github", "_pat_{22}_{59}"],
        ],
    ),
    (
        "gitlab",
        &[
            &["gl", "pat-{20}"],
            &["gl", "pat-{27}.01.0{lower:8}"],
            &["gl", "dt-{20}"],
            &["gl", "rt-{20}"],
            &["gl", "rtr-{20}"],
            &["gl", "cbt-64_{20}"],
            &["gl", "ptt-{40}"],
            &["gl", "ft-{20}"],
            &["gl", "imt-{25}"],
            &["gl", "agent-{50}"],
            &["gl", "soat-{20}"],
            &["gl", "oas-{64}"],
            &["gl", "ffct-{20}"],
            &["GR1348", "941{20}"],
        ],
    ),
    ("okta", &[&["0", "0{40}"], &["SS", "WS 00{40}"]]),
    (
        "gcp",
        &[
            &["AI", "za{35}"],
            &["AQ", ".Ab{50}"],
            &["ya", "29.{160}"],
            &["GOC", "SPX-{28}"],
            &["\"private_key\": \"-----BEGIN PRI", "VATE KEY-----\\n{64}\\n{64}\\n-----END PRI", "VATE KEY-----\\n\""],
        ],
    ),
    ("entra", &[&["{3}8", "Q~{34}"], &["{3}7", "Q~{33}"], &["0", ".A{120}"], &["ey", "J{30}.ey", "J{40}.{43}"]]),
    (
        "azure",
        &[
            &["DefaultEndpointsProtocol=https;AccountName=acme;Account", "Key={86}==;EndpointSuffix=core.windows.net"],
            &["SharedAccess", "Key={43}="],
            &["https://acme.blob.core.windows.net/c?sv=2026-01-01&si", "g={43}%3D"],
            &["SharedAccessSignature=sv=2026-01-01&ss=b&si", "g={43}%3D"],
            &["{52}JQ", "QJ99{26}"],
            &["{76}+A", "St{5}A=="],
        ],
    ),
    ("azure-devops", &[&["{76}AZ", "DO{4}"], &["q7zw3xek2rtb4yup5sad6fgl", "2hj7km4nvcq7zw3xek2rtb4yup5s"]]),
    (
        "vault",
        &[&["hv", "s.{24}"], &["hv", "b.{100}"], &["hv", "r.{90}"], &["s", ".{24}"], &["s", ".{24}.{5}"], &["b", ".AAAAAQ{90}"]],
    ),
    (
        "cloudflare",
        &[
            &["cf", "ut_{48}"],
            &["cf", "at_{48}"],
            &["cf", "k_{48}"],
            &["v1", ".0-{hex:24}-{hex:146}"],
            &["CLOUD", "FLARE_API_KEY={hex:37}"],
        ],
    ),
    (
        "kubernetes",
        &[
            &["kube", "adm join --token {lower:6}.{lower:16}"],
            &["\"au", "th\": \"", "{24}\""],
            &["ey", "J{30}.ey", "J{140}.{342}"],
        ],
    ),
    ("npm", &[&["np", "m_{36}"], &["//registry.npmjs.org/:_auth", "Token=np", "m_{36}"]]),
    ("datadog", &[&["DD_", "API_KEY={hex:32}"], &["DD_", "APP_KEY={hex:40}"], &["dd", "app_{34}"], &["dd", "pat_{40}"]]),
    (
        "slack",
        &[
            &["xo", "xb-{digit:12}-{digit:12}-{24}"],
            &["xo", "xp-{digit:12}-{digit:12}-{digit:12}-{hex:32}"],
            &["xo", "xe.xo", "xp-1-{140}"],
            &["xo", "xe-1-{140}"],
            &["xo", "xc-{digit:12}-{hex:64}"],
            &["xa", "pp-1-A{upper:10}-{digit:13}-{hex:64}"],
            &["https://hooks.slack", ".com/services/T{upper:8}/B{upper:8}/{24}"],
        ],
    ),
    ("atlassian", &[&["ATA", "TT3x{186}"], &["ATC", "TT3x{186}"], &["AT", "BB{32}"]]),
    ("terraform-cloud", &[&["{14}.atlas", "v1.{67}"]]),
    ("digitalocean", &[&["do", "p_v1_{hex:64}"], &["do", "o_v1_{hex:64}"], &["do", "r_v1_{hex:64}"]]),
    (
        "snyk",
        &[
            &["snyk", "_uat.{lower:8}.{60}"],
            &["snyk", "_sat.{lower:8}.{60}"],
            &["SNYK_", "TOKEN={hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}"],
        ],
    ),
    ("pagerduty", &[&["PAGER", "DUTY_TOKEN=u+{18}"], &["pd", "us+_0XBPWQQ_{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}"]]),
    ("docker-hub", &[&["dckr", "_pat_{27}"], &["dckr", "_oat_{32}"]]),
    ("1password", &[&["ops", "_eyJ{250}"], &["A", "3-{upper:6}-{upper:6}-{upper:5}-{upper:5}-{upper:5}-{upper:5}"]]),
    ("doppler", &[&["dp", ".st.prd.{43}"], &["dp", ".st.{43}"], &["dp", ".pt.{43}"], &["dp", ".ct.{43}"], &["dp", ".sa.{43}"]]),
    ("infisical", &[&["s", "t.{hex:24}.{hex:32}.{hex:32}"], &["INFIS", "ICAL_CLIENT_SECRET={hex:64}"]]),
    ("databricks", &[&["da", "pi{hex:32}"], &["da", "pi{hex:32}-2"], &["do", "se{hex:32}"]]),
    ("openai", &[&["sk", "-{20}T3Blbk", "FJ{20}"], &["sk", "-proj-{150}"], &["sk", "-admin-{58}"], &["sk", "-svcacct-{58}"]]),
    ("anthropic", &[&["sk", "-ant-api03-{93}AA"], &["sk", "-ant-admin01-{93}AA"], &["sk", "-ant-oat01-{93}AA"]]),
    ("grafana", &[&["gl", "sa_{32}_{hex:8}"], &["gl", "c_eyJ{100}"], &["eyJr", "Ijoi{80}"]]),
    (
        "sops",
        &[
            &["AGE-SECRET", "-KEY-1{upper:58}"],
            &["-----BEGIN PGP PRI", "VATE KEY BLOCK-----\n{64}\n-----END PGP PRI", "VATE KEY BLOCK-----"],
        ],
    ),
    (
        "any",
        &[
            &["postgres://app:", "{16}@db.acme.example/x"],
            &["-----BEGIN OPENSSH PRI", "VATE KEY-----\n{64}"],
            &["Authorization: Bea", "rer {40}"],
        ],
    ),
];

/// Identifiers and ordinary words that stand in exports.
const HARMLESS: &[&str] = &[
    "AKIA{upper:16}",
    "ASIA{upper:16}",
    "AIDA{upper:16}",
    "SK{hex:32}",
    "AC{hex:32}",
    "00T{mixed:17}",
    "00u{mixed:17}",
    "{hex:8}-{hex:4}-{hex:4}-{hex:4}-{hex:12}",
    "{hex:40}",
    "{hex:64}",
    "apikey_01{mixed:22}",
    "key_{mixed:16}",
    "DO{upper:18}",
    "GOOG1E{upper:55}",
    "U{upper:10}",
    "at-{mixed:16}",
    "arn:aws:iam::123456789012:role/service-role/AcmeLambdaDeploy2026-role-ab12CD34",
    "projects/acme-prod/serviceAccounts/exporter@acme-prod.iam.gserviceaccount.com/keys/{hex:40}",
    "https://acme.vault.azure.net/secrets/PaymentsDbPassword2026/{hex:32}",
    "organizations/acme/Workspaces/BillingExport2026",
    "SHA256:{mixed:43}",
    "uid=AliceNguyen,ou=Platform,dc=acme,dc=example",
    "auth/oidc/login/Team-Payments-2026",
    "repo:acme/Payments-Service:ref:refs/heads/Release-2026-11",
    "GitHubActionsDeployKey2026",
    "kv/Prod/Payments2/StripeRestrictedKey",
];

#[test]
fn every_provider_has_its_shapes() {
    for (provider, forms) in VALUES {
        for pieces in *forms {
            let pieces: Vec<String> = pieces.iter().map(|piece| (*piece).to_owned()).collect();
            let value = assemble(&pieces);
            let found = Guard::built_in().find(&value, Depth::Shapes);
            assert!(!found.is_empty(), "{provider}: no shape finds {value}");
        }
    }
}

#[test]
fn identifiers_and_addresses_are_left_alone() {
    for pieces in HARMLESS {
        let text = assemble(&[(*pieces).to_owned()]);
        assert_eq!(Guard::built_in().cut(&text, Depth::FreeText), None, "{text}");
        let sentence = format!("moved to {text}, see the wiki");
        assert_eq!(Guard::built_in().cut(&sentence, Depth::FreeText), None, "{sentence}");
    }
}
