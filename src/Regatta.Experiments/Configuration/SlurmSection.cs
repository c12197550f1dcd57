using Regatta.Config;

namespace Regatta.Experiments.Configuration;

/// <summary>What only Slurm has.</summary>
[ConfigSchema("What only Slurm has.")]
public sealed record SlurmSection
{
    /// <summary>Daemons that fail are started again.</summary>
    [ConfigKey("Lets systemd start slurmctld and slurmd again, a second after they failed, as sites do. false leaves them down. The other schedulers' units always restart.")]
    public bool Restart { get; init; } = true;
}
