"""The audit trail: who did what to which issuer, key, member or credential, and when. Append-only and chained."""
