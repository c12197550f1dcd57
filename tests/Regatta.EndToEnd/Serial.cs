using Xunit;

// Tests share the host's processors, networks and kernel: one at a time, so that a slow neighbour is not taken for a fault.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
