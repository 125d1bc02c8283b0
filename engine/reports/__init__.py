"""What is told of the whole? Status, due dates, coverage, forecasts and bundles for inspection, as documents."""
