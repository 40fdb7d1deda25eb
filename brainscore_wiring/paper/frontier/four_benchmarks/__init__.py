"""Birth states and untrained networks of others on V1, V4, monkey IT and behaviour: selected on
half of the data, confirmed on the other half."""
