"""Records that foreign systems send: a plugin reads them, the service issues, the plugin tells them."""
