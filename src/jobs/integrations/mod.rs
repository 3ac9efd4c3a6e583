//! Jobs of integrations: the live feed of events.

automod::dir!(pub "src/jobs/integrations");
