//! What identity policies allow, as far as the sandbox asks them.

use super::World;
use crate::principal::Principal;
use crate::refusal::Refusal;
use crate::web_identity::like;

impl World {
    /// Whether the identity policies of `principal` allow `action`.
    ///
    /// # Errors
    /// They do not, in AWS's words.
    pub(crate) fn allow(
        &self,
        principal: &Principal,
        action: &str,
        resource: &str,
    ) -> Result<(), Refusal> {
        let none = Vec::new();
        let allowed = match principal {
            Principal::User { arn, .. } => self.find_user(arn).map(|user| &user.allow),
            Principal::Federated { .. } => None,
            Principal::Role { role_arn, .. } => {
                let role = self.find_role(role_arn).map(|role| &role.allow);
                role.or_else(|| self.permission_set(principal).map(|set| &set.allow))
            }
        };
        // The names of actions are the same in any case.
        let wanted = action.to_lowercase();
        let mut allowed = allowed.unwrap_or(&none).iter();
        if allowed.any(|pattern| like(&pattern.to_lowercase(), &wanted)) {
            return Ok(());
        }
        Err(Refusal::denied(format!(
            "User: {} is not authorized to perform: {action} on resource: {resource} because \
             no identity-based policy allows the {action} action",
            principal.arn()
        )))
    }
}
