namespace Regatta.Config;

/// <summary>Where sweeps are allowed.</summary>
internal static class SweepRules
{
    public static void Check(IReadOnlyList<Override> overrides, ComposeMode mode)
    {
        foreach (var entry in overrides)
        {
            if (entry.Sweep is not { } sweep) continue;
            if (mode == ComposeMode.Sweep)
            {
                if (entry.IsHydra)
                    throw ConfigFault.Error("sweep-over-hydra", $"override '{entry.Text}': the engine's own settings cannot be swept", entry.Origin, "sweep over keys of the configuration");
                continue;
            }

            var value = entry.Text[(entry.Text.IndexOf('=', StringComparison.Ordinal) + 1)..];
            if (sweep is ChoiceSweep { IsSimple: true })
            {
                throw ConfigFault.Error("ambiguous-sweep", $"override '{entry.Text}' gives several values for '{entry.Key}'", entry.Origin,
                    $"for a list write '{entry.Axis}=[{value}]'; for one text quote it: \"{entry.Axis}='{value}'\"; to sweep over the values use a command that sweeps: plan, run or config check");
            }

            throw ConfigFault.Error("sweep-requires-multirun", $"override '{entry.Text}' is a sweep, and this command composes a single configuration", entry.Origin,
                "use a command that sweeps (plan, run or config check), or give one value");
        }
    }
}

/// <summary>A job of a sweep on its way through composition.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Values">Its value overrides.</param>
internal sealed record SweepJob(int Number, IReadOnlyList<Override> Values);
