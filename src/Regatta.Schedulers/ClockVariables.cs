using System.Text.Json.Nodes;
using Regatta.Workloads;

namespace Regatta.Schedulers;

/// <summary>What the role of the virtual clock is told, for every scheduler that goes by it.</summary>
internal static class ClockVariables
{
    /// <summary>The variables; in real time they say that there is no clock.</summary>
    public static IEnumerable<KeyValuePair<string, JsonNode?>> Of(SchedulerOptions options) =>
    [
        KeyValuePair.Create("clock_virtual", (JsonNode?)(options.Virtual is not null)),
        KeyValuePair.Create("clock_charge", (JsonNode?)(options.Virtual?.Charge ?? 1)),
        KeyValuePair.Create("clock_quantum", (JsonNode?)Micros.From(options.Virtual?.Quantum ?? TimeSpan.Zero)),
        KeyValuePair.Create("clock_program", (JsonNode?)NodeLayout.Clock),
        KeyValuePair.Create("clock_page", (JsonNode?)NodeLayout.ClockPage),
    ];
}
