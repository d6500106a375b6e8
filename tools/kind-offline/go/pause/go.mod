module schema-rollout/kind-offline/pause

go 1.26.0
