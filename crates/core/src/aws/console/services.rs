//! The services of the console by the names that people know.

/// A service of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConsoleService {
    /// What people call it; the first is the name that is shown.
    pub names: &'static [&'static str],
    /// Its path in the console.
    pub path: &'static str,
    /// Whether it is one for all regions.
    pub global: bool,
}

const fn regional(names: &'static [&'static str], path: &'static str) -> ConsoleService {
    ConsoleService {
        names,
        path,
        global: false,
    }
}

const fn global(names: &'static [&'static str], path: &'static str) -> ConsoleService {
    ConsoleService {
        names,
        path,
        global: true,
    }
}

/// In the order of their first names.
pub const SERVICES: &[ConsoleService] = &[
    regional(
        &["accessanalyzer", "access-analyzer"],
        "access-analyzer/home",
    ),
    regional(&["acm", "certificates"], "acm/home"),
    regional(&["amplify"], "amplify/apps"),
    regional(&["apigateway", "apigw", "api"], "apigateway/main/apis"),
    regional(&["appconfig"], "systems-manager/appconfig/applications"),
    regional(&["apprunner"], "apprunner/home"),
    regional(&["appsync"], "appsync/home"),
    regional(&["athena"], "athena/home"),
    regional(&["backup"], "backup/home"),
    regional(&["batch"], "batch/home"),
    regional(&["bedrock"], "bedrock/home"),
    global(&["billing"], "billing/home"),
    global(&["budgets"], "billing/home#/budgets"),
    regional(&["cloud9"], "cloud9/home"),
    regional(&["cloudformation", "cfn", "cf"], "cloudformation/home"),
    global(&["cloudfront", "cdn"], "cloudfront/v4/home"),
    regional(&["cloudmap", "servicediscovery"], "cloudmap/home"),
    regional(&["cloudshell"], "cloudshell/home"),
    regional(&["cloudtrail", "ct", "trail"], "cloudtrailv2/home"),
    regional(&["cloudwatch", "cw"], "cloudwatch/home"),
    regional(&["codeartifact"], "codesuite/codeartifact/start"),
    regional(&["codebuild"], "codesuite/codebuild/projects"),
    regional(&["codecommit"], "codesuite/codecommit/repositories"),
    regional(&["codedeploy"], "codesuite/codedeploy/applications"),
    regional(
        &["codepipeline", "pipeline"],
        "codesuite/codepipeline/pipelines",
    ),
    regional(&["cognito"], "cognito/v2/home"),
    regional(&["config"], "config/home"),
    regional(&["connect"], "connect/v2/app/instances"),
    regional(&["controltower"], "controltower/home"),
    global(&["costexplorer", "ce", "cost"], "costmanagement/home"),
    regional(&["datasync"], "datasync/home"),
    regional(&["directconnect", "dx"], "directconnect/v2/home"),
    regional(&["dms"], "dms/v2/home"),
    regional(&["documentdb", "docdb"], "docdb/home"),
    regional(&["ds", "directory"], "directoryservicev2/home"),
    regional(&["dynamodb", "ddb", "dynamo"], "dynamodbv2/home"),
    regional(&["ebs", "volumes"], "ec2/home#Volumes:"),
    regional(&["ec2", "instances"], "ec2/home"),
    regional(&["ecr"], "ecr/home"),
    regional(&["ecs"], "ecs/v2/home"),
    regional(&["efs"], "efs/home"),
    regional(&["eks"], "eks/home"),
    regional(&["elasticache", "cache", "redis"], "elasticache/home"),
    regional(
        &["elasticbeanstalk", "beanstalk", "eb"],
        "elasticbeanstalk/home",
    ),
    regional(
        &["elb", "loadbalancers", "alb", "nlb"],
        "ec2/home#LoadBalancers:",
    ),
    regional(&["emr"], "emr/home"),
    regional(&["eventbridge", "events"], "events/home"),
    regional(&["firehose"], "firehose/home"),
    regional(&["fsx"], "fsx/home"),
    regional(&["glue"], "glue/home"),
    regional(&["grafana"], "grafana/home"),
    regional(&["guardduty", "gd"], "guardduty/home"),
    global(&["health", "phd"], "health/home"),
    global(&["iam"], "iam/home"),
    regional(&["imagebuilder"], "imagebuilder/home"),
    regional(&["inspector"], "inspector/v2/home"),
    regional(&["iot"], "iot/home"),
    regional(&["kinesis"], "kinesis/home"),
    regional(&["kms"], "kms/home"),
    regional(&["lakeformation"], "lakeformation/home"),
    regional(&["lambda", "l"], "lambda/home"),
    regional(&["lightsail"], "ls/webapp/home"),
    regional(
        &["logs", "loggroups", "cloudwatchlogs"],
        "cloudwatch/home#logsV2:log-groups",
    ),
    regional(&["macie"], "macie/home"),
    regional(&["mq", "amazonmq"], "amazon-mq/home"),
    regional(&["msk", "kafka"], "msk/home"),
    regional(&["mwaa", "airflow"], "mwaa/home"),
    regional(&["neptune"], "neptune/home"),
    regional(&["networkfirewall"], "vpcconsole/home#NetworkFirewalls:"),
    regional(&["opensearch", "elasticsearch", "es"], "aos/home"),
    global(&["organizations", "org"], "organizations/v2/home"),
    regional(
        &["parameterstore", "parameters"],
        "systems-manager/parameters",
    ),
    regional(&["prometheus", "amp"], "prometheus/home"),
    regional(&["quicksight"], "quicksight/home"),
    regional(&["ram"], "ram/home"),
    regional(&["rds"], "rds/home"),
    regional(&["redshift"], "redshiftv2/home"),
    regional(&["resourcegroups"], "resource-groups/home"),
    global(&["route53", "r53", "dns"], "route53/v2/hostedzones"),
    regional(&["s3", "buckets"], "s3/buckets"),
    regional(&["sagemaker"], "sagemaker/home"),
    regional(&["secretsmanager", "sm", "secrets"], "secretsmanager/home"),
    regional(&["securitygroups", "sg"], "ec2/home#SecurityGroups:"),
    regional(&["securityhub"], "securityhub/home"),
    regional(&["servicecatalog"], "servicecatalog/home"),
    regional(&["servicequotas", "quotas"], "servicequotas/home"),
    regional(&["ses", "email"], "ses/home"),
    global(&["shield"], "wafv2/shieldv2"),
    regional(&["sns"], "sns/v3/home"),
    regional(&["sqs"], "sqs/v3/home"),
    regional(&["ssm", "systemsmanager"], "systems-manager/home"),
    regional(&["sso", "identitycenter"], "singlesignon/home"),
    regional(&["stepfunctions", "sfn", "states"], "states/home"),
    regional(&["storagegateway"], "storagegateway/home"),
    global(&["support"], "support/home"),
    regional(&["transfer", "sftp"], "transfer/home"),
    global(&["trustedadvisor", "ta"], "trustedadvisor/home"),
    regional(&["vpc"], "vpcconsole/home"),
    regional(&["waf", "wafv2"], "wafv2/homev2"),
    regional(&["workspaces"], "workspaces/v2/home"),
    regional(&["xray", "traces"], "xray/home"),
];

/// The service that people call `name`, in whatever case.
pub fn service(name: &str) -> Option<&'static ConsoleService> {
    let is = |own: &&str| own.eq_ignore_ascii_case(name);
    SERVICES.iter().find(|service| service.names.iter().any(is))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_name_is_of_one_service() {
        let names = SERVICES.iter().flat_map(|service| service.names);
        let all: Vec<&&str> = names.collect();
        let distinct: HashSet<&&str> = all.iter().copied().collect();
        assert_eq!(distinct.len(), all.len());
        assert!(all.len() >= 78, "{}", all.len());
        assert!(SERVICES.is_sorted_by_key(|service| service.names[0]));
        for service in SERVICES {
            assert!(!service.path.starts_with('/'), "{}", service.path);
            assert!(!service.path.contains(['?', ' ']), "{}", service.path);
        }
    }

    #[test]
    fn a_service_is_found_by_each_of_its_names() {
        assert_eq!(service("DDB").unwrap().path, "dynamodbv2/home");
        assert_eq!(service("dynamodb"), service("dynamo"));
        assert_eq!(service("nosuch"), None);
    }
}
