-- Stopping is the easiest act: a patient's withdrawal takes effect as soon as it is said, however long ago whoever records it
-- authenticated. An API key of a role that may withdraw may do so too from now on: that ends treatment, and never begins any.

UPDATE app.permissions SET fresh = false WHERE permission = 'consent.withdraw';
