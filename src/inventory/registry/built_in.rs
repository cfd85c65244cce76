//! The providers that come with the program: one file for each, in the form of `[[provider]]` in `countersign.toml`.

/// Every file of the folder `providers`, in the order in which they are shown where order counts.
pub(super) const FILES: &[&str] = &[
    include_str!("providers/aws.toml"),
    include_str!("providers/github.toml"),
    include_str!("providers/gitlab.toml"),
    include_str!("providers/okta.toml"),
    include_str!("providers/cloudflare.toml"),
    include_str!("providers/impact.com.toml"),
    include_str!("providers/gcp.toml"),
    include_str!("providers/google-workspace.toml"),
    include_str!("providers/entra.toml"),
    include_str!("providers/azure-key-vault.toml"),
    include_str!("providers/azure-devops.toml"),
    include_str!("providers/vault.toml"),
    include_str!("providers/kubernetes.toml"),
    include_str!("providers/npm.toml"),
    include_str!("providers/datadog.toml"),
    include_str!("providers/slack.toml"),
    include_str!("providers/atlassian.toml"),
    include_str!("providers/terraform-cloud.toml"),
    include_str!("providers/digitalocean.toml"),
    include_str!("providers/snyk.toml"),
    include_str!("providers/pagerduty.toml"),
    include_str!("providers/docker-hub.toml"),
    include_str!("providers/1password.toml"),
    include_str!("providers/doppler.toml"),
    include_str!("providers/infisical.toml"),
    include_str!("providers/databricks.toml"),
    include_str!("providers/openai.toml"),
    include_str!("providers/anthropic.toml"),
    include_str!("providers/grafana.toml"),
    include_str!("providers/sops.toml"),
    include_str!("providers/stripe.toml"),
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    #[test]
    fn every_file_of_the_folder_is_in_the_list_and_named_after_its_provider() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/inventory/registry/providers");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .expect("the folder is there")
            .map(|file| file.expect("is readable").file_name().to_string_lossy().into_owned())
            .collect();
        files.sort();
        let id = |text: &&str| Some(text.split_once("id = \"")?.1.split_once('"')?.0.to_owned());
        let mut listed: Vec<String> =
            super::FILES.iter().map(|text| format!("{}.toml", id(text).expect("a file begins with its id"))).collect();
        listed.sort();
        assert_eq!(files, listed);
    }
}
