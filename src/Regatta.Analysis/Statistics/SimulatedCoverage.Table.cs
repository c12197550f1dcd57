namespace Regatta.Analysis;

public sealed partial record SimulatedCoverage
{
    private static readonly ImmutableArray<SimulatedCoverage> Mean =
    [
        new(2, 0.951, 0.935, 0.903, 0.899, 0.843),
        new(3, 0.943, 0.935, 0.887, 0.841, 0.731),
        new(4, 0.954, 0.922, 0.890, 0.818, 0.710),
        new(5, 0.954, 0.910, 0.882, 0.814, 0.756),
        new(6, 0.928, 0.912, 0.890, 0.844, 0.821),
        new(7, 0.942, 0.915, 0.904, 0.854, 0.872),
        new(8, 0.940, 0.918, 0.913, 0.859, 0.895),
        new(9, 0.941, 0.921, 0.913, 0.876, 0.920),
        new(10, 0.942, 0.928, 0.923, 0.888, 0.940),
        new(12, 0.942, 0.933, 0.927, 0.886, 0.959),
        new(15, 0.945, 0.930, 0.928, 0.896, 0.974),
        new(20, 0.943, 0.930, 0.935, 0.893, 0.973),
        new(25, 0.948, 0.933, 0.937, 0.899, 0.972),
        new(30, 0.950, 0.940, 0.940, 0.917, 0.972),
        new(40, 0.948, 0.938, 0.943, 0.920, 0.962),
    ];

    private static readonly ImmutableArray<SimulatedCoverage> PairedShift =
    [
        new(2, 0.506, 0.502, 0.482, 0.502, 0.485),
        new(3, 0.730, 0.761, 0.732, 0.737, 0.720),
        new(4, 0.882, 0.873, 0.868, 0.856, 0.837),
        new(5, 0.942, 0.930, 0.925, 0.921, 0.907),
        new(6, 0.968, 0.966, 0.956, 0.956, 0.951),
        new(7, 0.958, 0.945, 0.939, 0.945, 0.936),
        new(8, 0.960, 0.960, 0.950, 0.953, 0.939),
        new(9, 0.960, 0.958, 0.951, 0.955, 0.946),
    ];

    /// <summary>The lower coverage of two cases: both groups of the same distribution, and the second with twice the first's values.</summary>
    private static readonly ImmutableArray<SimulatedCoverage> Shift =
    [
        new(2, 0.637, 0.640, 0.628, 0.647, 0.646),
        new(3, 0.880, 0.884, 0.875, 0.885, 0.883),
        new(4, 0.961, 0.964, 0.963, 0.965, 0.963),
        new(5, 0.965, 0.958, 0.962, 0.956, 0.959),
        new(6, 0.951, 0.957, 0.955, 0.951, 0.959),
        new(7, 0.952, 0.957, 0.950, 0.956, 0.958),
        new(8, 0.941, 0.941, 0.944, 0.949, 0.943),
        new(9, 0.954, 0.952, 0.954, 0.959, 0.954),
    ];

    private static readonly ImmutableArray<SimulatedCoverage> LaunchLaw =
    [
        new(3, 0.950, 0.954, 0.958, 0.963, 0.980),
        new(4, 0.948, 0.952, 0.963, 0.965, 0.976),
        new(5, 0.952, 0.955, 0.961, 0.962, 0.957),
        new(6, 0.944, 0.953, 0.955, 0.953, 0.949),
        new(7, 0.942, 0.952, 0.951, 0.956, 0.949),
        new(8, 0.952, 0.956, 0.958, 0.965, 0.954),
        new(9, 0.943, 0.958, 0.961, 0.959, 0.955),
    ];

    private static ImmutableArray<SimulatedCoverage> Table(Estimate estimate) => estimate switch
    {
        Estimate.Mean => Mean,
        Estimate.PairedShift => PairedShift,
        Estimate.Shift => Shift,
        _ => LaunchLaw,
    };
}
