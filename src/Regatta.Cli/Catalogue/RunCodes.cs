using static Regatta.Cli.Catalogue.FaultCategory;

namespace Regatta.Cli.Catalogue;

/// <summary>Experiments and run directories.</summary>
internal static class RunCodes
{
    public static IReadOnlyList<CatalogueEntry> All { get; } =
    [
        new("agent-missing", Failed, "The head has no agent", "Configure the cluster again"),
        new("agent-build", Lacking, "The native agent could not be built", "Install what the detail names; regatta doctor --fix"),
        new("clock-head", Failed, "The clock of the head cannot be measured", "Look at the agent on the head"),
        new("cluster-hosts", Input, "machines.hosts does not name as many workers as the experiment wants", "Change machines.hosts or cluster.workers"),
        new("drain-left-out", Note, "Jobs that must drain the machine run as ordinary jobs", "Judge them with care"),
        new("experiment-name", Input, "The name does not fit a directory", "Letters, digits and hyphens"),
        new("experiment-points", Input, "The experiment has too many points", "Take fewer values on an axis"),
        new("gangs-pod-by-pod", Note, "Multi-pod jobs are scheduled pod by pod and may deadlock", "Use volcano, or profile gang"),
        new("point-name", Input, "The name of a point is taken or does not fit a directory", "Name the points"),
        new("point-override", Input, "A key is set by points and on the command line", "Set all of them, or leave the points out"),
        new("precision-fewest", Input, "measure.fewest is above measure.repetitions", "Lower one or raise the other"),
        new("scheduler-unknown", Input, "There is no such scheduler", "slurm, flux, kubernetes, volcano or reference"),
        new("not-a-run", Input, "The directory is no run", "Name a directory below runs"),
        new("no-run", Input, "There is no run", "regatta run quickstart --yes makes one"),
        new("run-ambiguous", Input, "Several runs begin so", "Write more of the id"),
        new("run-directory", Lacking, "The run directory cannot be written", "Name another place with --runs"),
        new("run-disk-full", Lacking, "No space is left for the run; finished trials are kept", "Make room, then regatta resume"),
        new("run-file", Failed, "A file of a run cannot be read", "Put it back as it was"),
        new("run-in-use", Failed, "Another process works in the run directory", "Wait for it, or end it"),
        new("run-interrupted", Interrupted, "The run was interrupted; finished trials are kept", "regatta resume"),
        new("output-exists", Input, "The directory of a trial exists already", "Name one that does not exist"),
        new("output-unwritable", Lacking, "The directory of a trial cannot be written", "Name another with --output"),
        new("trial-there", Input, "The run has the trial already", "Nothing; or remove the trial's directory to repeat it"),
        new("trial-unknown", Input, "The plan has no such trial", "regatta plan lists them as POINT/REPETITION"),
        new("run-unknown", Input, "There is no such run", "Name its directory, its id or latest"),
        new("run-version", Failed, "A file of a run was written by a newer program", "Read it with that version"),
        new("samples-broken", Failed, "samples.parquet cannot be read", "Remove the file: the trial is valid without it"),
        new("samples-line", Failed, "A line of samples cannot be read", "Nothing: the trial is valid without samples"),
        new("journal-line", Note, "A line of the journal cannot be read", "Nothing; the trials are read"),
        new("trial-file-changed", Failed, "A file of a trial is not the one that was recorded", "Put it back, or repeat the trial"),
        new("trial-foreign", Failed, "A trial that is to be taken in was run for another run, or is not in the plan", "Take it into its own run"),
        new("trial-without-record", Failed, "A directory that is to be taken in holds no finished trial", "Run the trial again"),
        new("trial-misplaced", Failed, "A trial lies in the place of another one", "Put it back, or repeat the trial"),
        new("trial-not-audited", Note, "A trial has no audit", "Repeat it"),
        new("trial-broken", Input, "trial.json cannot be read", "Put it back, or repeat the trial"),
        new("trial-version", Input, "trial.json was written by a newer program", "Read it with that version"),
        new("trial-value", Input, "trial.json holds a value that cannot be", "Put it back, or repeat the trial"),
        new("audit-broken", Input, "audit.json cannot be read", "Put it back, or repeat the trial"),
        new("audit-version", Input, "audit.json was written by a newer program", "Read it with that version"),
        new("jobs-broken", Input, "jobs.parquet cannot be read", "Put it back, or repeat the trial"),
        new("jobs-column", Input, "jobs.parquet lacks a column", "Put it back, or repeat the trial"),
        new("jobs-not-ours", Input, "The Parquet file holds no jobs of regatta", "Put jobs.parquet back"),
        new("watch-address", Input, "The page of a run cannot be served at what --listen names", "Name an address of this host"),
        new("watch-open", Input, "The page of a run would be open to whoever reaches the address", "Add --token, or serve it on loopback"),
        new("watch-port", Input, "The port of the page is none", "Name one from 1 to 65535"),
        new("watch-port-taken", Lacking, "The port of the page is taken, or the address is not this host's", "Name another with --port, or none"),
        new("watch-token", Lacking, "The token of the page cannot be kept, or its file was changed", "Remove the file; set REGATTA_STATE"),
        new("jobs-version", Input, "jobs.parquet was written by a newer program", "Read it with that version"),
    ];
}
