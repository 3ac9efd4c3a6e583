//! Integrations with other systems: outgoing webhooks and deliveries, incoming hooks.

automod::dir!(pub "../domain/integrations");

pub use delivery::{
    Attempt, Delivery, DeliveryChannel, DeliveryFilter, DeliveryQuery, DeliveryStanding, DeliveryState,
    DeliveryWithAttempts, NewDelivery, pause_after,
};
pub use hook::{DeploymentReport, Effect, HookAnswer, HookOutcome, Landing, ReleaseTag, Report, Repository, Work};
pub use webhook::{
    MAX_MESSAGE, MintedWebhook, NewWebhook, WEBHOOK_SECRET_PREFIX, Webhook, WebhookEdit, WebhookQuery, extended,
    message, new_webhook_secret,
};
pub use webhook_message::{
    MessageChange, MessageClosure, MessageDeployment, MessageFeedback, MessageFormat, MessageIncident, MessageLink,
    MessagePostmortem, MessageProduct, MessageRelease, MessageReport, MessageResource, MessageStory, MessageTheme,
    WebhookData, WebhookMessage, WebhookTold,
};
