"""Stripe at hand: localstripe, a stateful fake of its API, behind a layer that adds the rules it lacks."""
