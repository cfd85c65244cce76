use super::super::record::{Cell, Date, Precision, Scope};
use super::*;

fn class(provider: &str, scope: &str) -> Option<&'static str> {
    Registry::built_in().class(provider, scope).map(ScopeClass::word)
}

fn record(provider: &str, scopes: &[&str], tags: &[(&str, &str)]) -> Record {
    let mut record = Record::new(1);
    record.set_text(Field::Provider, provider);
    let scopes = scopes.iter().map(|name| Scope { name: (*name).to_owned(), class: None }).collect();
    record.set(Field::ScopesGranted, Cell::value(Value::Scopes(scopes)));
    record.tags = tags.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    record
}

fn classes(mut record: Record) -> Vec<Option<&'static str>> {
    Registry::built_in().classify(&mut record);
    let Value::Scopes(scopes) = &record.get(Field::ScopesGranted).value else { return Vec::new() };
    scopes.iter().map(|scope| scope.class.map(ScopeClass::word)).collect()
}

#[test]
fn the_table_is_sound_and_every_entry_has_a_source() {
    let registry = Registry::built_in();
    for id in ["aws", "github", "gitlab", "okta", "cloudflare", "impact.com", "gcp", "vault", "stripe"] {
        assert_eq!(registry.provider(id), Some(id));
    }
    for provider in registry.providers.values() {
        assert!(!provider.title.is_empty());
        let mut sources = provider.entries.iter().flatten().map(|entry| &entry.source);
        assert!(sources.all(|source| !source.is_empty()), "{}: a fact has no source", provider.title);
    }
}

/// What scopes can let their holder do; the first nine make the combinations of SCP-006.
const CAPABILITIES: [&str; 10] = [
    "identity.create",
    "permission.grant",
    "payment.create",
    "payment.approve",
    "data.export",
    "audit.delete",
    "secret.read",
    "code.write",
    "deploy.production",
    "credential.mint",
];

#[test]
fn capabilities_are_of_the_list_and_belong_to_scopes_with_a_class() {
    for text in built_in::FILES {
        let table: Table = toml::from_str(text).unwrap();
        for entry in &table.provider {
            for capability in &entry.capabilities {
                assert!(!capability.source.is_empty(), "{}: a capability has no source", entry.id);
                for tag in &capability.can {
                    assert!(CAPABILITIES.contains(&tag.as_str()), "{}: {tag}", entry.id);
                }
            }
            let sourced = entry.scopes.iter().map(|entry| &entry.source).chain(entry.implied.iter().map(|entry| &entry.source));
            let sourced = sourced.chain(entry.widened.iter().map(|entry| &entry.source));
            assert!(
                sourced.chain(entry.limited.iter().map(|entry| &entry.source)).all(|source| !source.is_empty()),
                "{}",
                entry.id
            );
        }
    }
}

#[test]
fn a_scope_has_what_it_and_the_scopes_below_it_allow_up_to_its_class() {
    let registry = Registry::built_in();
    let facts = |provider: &str, name: &str, class: Option<ScopeClass>| {
        registry.scope_facts(Some(provider), &Scope { name: name.to_owned(), class })
    };
    let can = |provider: &str, name: &str, class| facts(provider, name, class).capabilities.unwrap_or_default();
    assert_eq!(can("github", "workflow", Some(ScopeClass::High)), ["code.write", "deploy.production"]);
    assert!(can("github", "admin:org", None).contains(&"identity.create".to_owned()));
    assert!(can("gitlab", "api", Some(ScopeClass::Admin)).contains(&"credential.mint".to_owned()));
    assert_eq!(can("gitlab", "api", Some(ScopeClass::Read)), ["data.export"], "limited by the level of access");
    assert_eq!(can("docker-hub", "repo:read", None), [""; 0]);
    assert_eq!(facts("docker-hub", "repo:read", None).capabilities, Some(Vec::new()), "known, and nothing of note");
    assert_eq!(can("aws", "s3:*", None), [""; 0]);
    let unknown = facts("vault", "orders-write", None);
    assert_eq!((unknown.class_source, unknown.capabilities), (None, None));
    assert_eq!(unknown.class_by_name, Some(ScopeClass::Write));
    assert_eq!(
        registry.scope_facts(None, &Scope { name: "root".to_owned(), class: None }).class_by_name,
        Some(ScopeClass::Admin)
    );
}

#[test]
fn names_are_found_by_alias_and_without_regard_to_case() {
    let registry = Registry::built_in();
    for (name, id) in [
        ("AWS", "aws"),
        ("Amazon Web Services", "aws"),
        ("GitHub.com", "github"),
        ("google-cloud", "gcp"),
        ("Google Cloud", "gcp"),
        ("HashiCorp Vault", "vault"),
        ("Impact.com", "impact.com"),
        (" okta ", "okta"),
    ] {
        assert_eq!(registry.provider(name), Some(id), "{name}");
    }
    assert_eq!(registry.provider("acme-gateway"), None);
    assert_eq!(registry.provider(""), None);
}

#[test]
fn scopes_have_the_classes_of_their_provider() {
    for (provider, scope, expected) in [
        ("github", "repo", Some("admin")),
        ("github", "ADMIN:ORG", Some("admin")),
        ("github", "workflow", Some("high")),
        ("github", "gist", Some("write")),
        ("github", "read:org", Some("read")),
        ("github", "repo:status", Some("write")),
        ("github", "something:new", None),
        ("github", "repository.administration:write", Some("admin")),
        ("github", "repository.administration:read", Some("read")),
        ("github", "repository.contents:write", Some("high")),
        ("github", "repository.pull_requests:write", Some("write")),
        ("github", "repository.repository_projects:admin", Some("admin")),
        ("github", "repository.metadata:read", Some("read")),
        ("gitlab", "api", Some("admin")),
        ("gitlab", "write_registry", Some("high")),
        ("gitlab", "self_rotate", Some("write")),
        ("gitlab", "read_api", Some("read")),
        ("aws", "AdministratorAccess", Some("admin")),
        ("aws", "iam:AttachUserPolicy", Some("admin")),
        ("aws", "*:*", Some("admin")),
        ("aws", "AmazonS3FullAccess", Some("high")),
        ("aws", "ReadOnlyAccess", Some("high")),
        ("aws", "AmazonS3ReadOnlyAccess", Some("read")),
        ("aws", "s3:*", None),
        ("okta", "SUPER_ADMIN", Some("admin")),
        ("okta", "HELP_DESK_ADMIN", Some("high")),
        ("okta", "ACCESS_REQUESTS_ADMIN", Some("write")),
        ("okta", "READ_ONLY_ADMIN", Some("read")),
        ("cloudflare", "API Tokens Edit", Some("admin")),
        ("cloudflare", "dns edit", Some("high")),
        ("cloudflare", "Access: Apps and Policies Write", Some("high")),
        ("cloudflare", "Cache Purge", Some("write")),
        ("cloudflare", "Zone Read", Some("read")),
        ("impact.com", "Catalogs:GET", Some("read")),
        ("impact.com", "Actions:DELETE", Some("write")),
        ("impact.com", "Legacy Read/Write", Some("admin")),
        ("impact.com", "mcp:write", Some("write")),
        ("impact.com", "Media Partners.Contracts:POST", Some("write")),
        ("gcp", "roles/owner", Some("admin")),
        ("gcp", "roles/storage.objectAdmin", Some("high")),
        ("gcp", "roles/storage.objectViewer", Some("high")),
        ("gcp", "roles/run.viewer", Some("read")),
        ("gcp", "roles/pubsub.publisher", Some("write")),
        ("entra", "UserAuthMethod-Phone.ReadWrite.All", Some("admin")),
        ("entra", "Calendars.ReadWrite.All", Some("high")),
        ("entra", "Mail.Read", Some("high")),
        ("entra", "User.ReadBasic.All", Some("read")),
        ("entra", "1d990000-0000-4000-8000-000000000001", None),
        ("azure-devops", "app_token", Some("admin")),
        ("azure-devops", "vso.securefiles_read", Some("high")),
        ("azure-devops", "vso.work_full", Some("write")),
        ("azure-devops", "vso.code", Some("read")),
        ("azure-devops", "vso.something_new", None),
        ("slack", "admin.users:write", Some("admin")),
        ("slack", "admin.users:read", Some("high")),
        ("slack", "channels:history", Some("high")),
        ("slack", "chat:write.public", Some("write")),
        ("slack", "users:read.email", Some("high")),
        ("slack", "team:read", Some("read")),
        ("atlassian", "manage:jira-project", Some("admin")),
        ("atlassian", "read:jira-work", Some("read")),
        ("vault", "root", Some("admin")),
        ("vault", "default", Some("read")),
        ("vault", "read-only", None),
        ("vault", "auth/approle:update", Some("admin")),
        ("datadog", "service_account_write", Some("admin")),
        ("datadog", "monitors_write", Some("write")),
        ("datadog", "metrics_read", Some("read")),
        ("kubernetes", "cluster-admin", Some("admin")),
        ("kubernetes", "*", Some("admin")),
        ("kubernetes", "view", Some("read")),
        ("docker-hub", "repo:admin", Some("admin")),
        ("docker-hub", "scope-image-push", Some("high")),
        ("docker-hub", "repo:public_read", Some("read")),
        ("digitalocean", "*:fullaccess", Some("admin")),
        ("digitalocean", "*:read", Some("high")),
        ("digitalocean", "backups:readwrite", Some("write")),
        ("digitalocean", "backups:read", Some("read")),
        ("doppler", "read", Some("high")),
        ("doppler", "read/write", Some("high")),
        ("infisical", "viewer", Some("read")),
        ("terraform-cloud", "owners", Some("admin")),
        ("snyk", "Org Admin", Some("admin")),
        ("pagerduty", "incidents.write", Some("write")),
        ("pagerduty", "openid", Some("read")),
        ("grafana", "Admin", Some("admin")),
        ("grafana", "None", Some("read")),
        ("okta", "CUSTOM", Some("write")),
        ("acme", "repo", None),
    ] {
        assert_eq!(class(provider, scope), expected, "{provider} {scope}");
    }
}

#[test]
fn an_access_level_limits_and_a_wide_selection_raises() {
    let scopes = ["api", "read_api", "write_registry"];
    assert_eq!(classes(record("gitlab", &scopes, &[("access_level", "50")])), [Some("admin"), Some("read"), Some("high")]);
    assert_eq!(classes(record("gitlab", &scopes, &[("access_level", "30")])), [Some("write"), Some("read"), Some("write")]);
    assert_eq!(classes(record("gitlab", &scopes, &[("access_level", "20")])), [Some("read"); 3]);
    assert_eq!(classes(record("gitlab", &scopes, &[])), [Some("admin"), Some("read"), Some("high")]);

    let scopes = ["repository.contents:write", "repository.issues:read", "repository.metadata:read", "organization.members:read"];
    assert_eq!(
        classes(record("github", &scopes, &[("repository_selection", "all")])),
        [Some("admin"), Some("high"), Some("read"), Some("read")]
    );
    assert_eq!(
        classes(record("github", &scopes, &[("repository_selection", "subset")])),
        [Some("high"), Some("read"), Some("read"), Some("read")]
    );
}

#[test]
fn implied_scopes_are_followed_to_their_end() {
    let registry = Registry::built_in();
    assert_eq!(registry.implied("github", "admin:org"), ["read:org", "write:org"]);
    assert_eq!(registry.implied("github", "user"), ["read:user", "user:email", "user:follow"]);
    assert!(registry.implied("github", "repo").contains(&"public_repo".to_owned()));
    assert_eq!(
        registry.implied("github", "repository.repository_projects:admin"),
        ["repository.repository_projects:read", "repository.repository_projects:write"]
    );
    assert_eq!(registry.implied("cloudflare", "DNS Edit"), ["dns read"]);
    assert!(registry.implied("gitlab", "read_api").is_empty());
    assert!(registry.implied("acme", "x").is_empty());
}

#[test]
fn facts_are_keyed_by_provider_and_kind() {
    let registry = Registry::built_in();
    let key = registry.facts("AWS", Some("access-key"));
    assert_eq!((key.provider_known, key.value_fixed_at_creation, key.supports_expiry), (true, Some(true), Some(false)));
    let sources = &registry.sourced("aws", Some("access-key")).sources;
    assert!(sources.get("supports_expiry").is_some_and(|source| source.contains("CreateAccessKey")));
    assert!(!sources.contains_key("keyless"));
    assert_eq!(registry.facts("aws", Some("secret")).value_fixed_at_creation, None);
    assert_eq!(registry.facts("gitlab", None).value_fixed_at_creation, Some(true));
    assert_eq!(registry.facts("okta", Some("api-token")).sliding_expiry, Some(true));
    assert_eq!(registry.facts("impact.com", None).reset_invalidates_old, Some(true));
    assert_eq!(registry.facts("gcp", Some("system-managed-key")).auto_rotates_within_days, Some(14));
    assert_eq!(registry.facts("acme", None), &ProviderFacts::default());
}

#[test]
fn creation_is_rotation_where_the_value_is_fixed_and_nothing_is_stated() {
    let date = |seconds| Cell::value(Value::Date(Date { seconds, precision: Precision::Second, assumed_utc: false }));
    let registry = Registry::built_in();
    let mut token = record("GitLab.com", &[], &[]);
    token.set(Field::CreatedAt, date(5));
    registry.classify(&mut token);
    registry.apply_facts(&mut token);
    assert_eq!((token.text(Field::Provider), token.get(Field::LastRotatedAt)), (Some("gitlab"), &date(5)));

    token.set(Field::LastRotatedAt, date(9));
    registry.apply_facts(&mut token);
    assert_eq!(token.get(Field::LastRotatedAt), &date(9));

    token.set(Field::LastRotatedAt, Cell::of(State::None));
    registry.apply_facts(&mut token);
    assert_eq!(token.get(Field::LastRotatedAt).state, State::None);

    let mut other = record("acme", &[], &[]);
    other.set(Field::CreatedAt, date(5));
    registry.apply_facts(&mut other);
    assert_eq!(other.get(Field::LastRotatedAt).state, State::NotCollected);
}

#[test]
fn the_user_adds_providers_and_overrides_facts_and_classes() {
    let mut registry = Registry::built_in().clone();
    let text = r#"
        [[provider]]
        id = "acme-gateway"
        aliases = ["gw"]
        facts = [{ supports_expiry = false, source = "the team" }]
        scopes = [{ class = "admin", names = ["orders.*"], source = "the team" }]
        [[provider]]
        id = "github"
        scopes = [{ class = "high", names = ["repo", "read:*"], source = "the team" }]
    "#;
    registry.add_toml(text, true).unwrap();
    assert_eq!(registry.provider("GW"), Some("acme-gateway"));
    assert_eq!(registry.facts("gw", Some("any")).supports_expiry, Some(false));
    assert_eq!(registry.class("gw", "orders.write"), Some(ScopeClass::Admin));
    assert_eq!(registry.class("github", "repo"), Some(ScopeClass::High));
    assert_eq!(registry.class("github", "read:org"), Some(ScopeClass::High));
    assert_eq!(registry.class("github", "gist"), Some(ScopeClass::Write));
}

#[test]
fn mistakes_of_the_user_are_named() {
    let mut registry = Registry::built_in().clone();
    let mut error = |text: &str| registry.add_toml(text, true).unwrap_err().to_string();
    assert!(error("[[provider]]\nid = \"Acme\"").contains("`Acme`"));
    assert!(error("[[provider]]\nid = \"acme\"\naliases = [\"aws\"]").contains("both provider `aws`"));
    assert!(matches!(Registry::default().add_toml("[[provider]]\nid = \"a\"\nscope = 1", true), Err(RegistryError::Toml(_))));
}
