using Regatta.Experiments.Configuration;
using Regatta.Experiments.Launching;
using Regatta.Runs;

namespace Regatta.Tests.Experiments;

/// <summary>
/// Stands for the commands of Slurm and of Flux. What is submitted is run at once, one after the other, and the queue tells how it ended, in the words of Slurm 22.05 and Flux 0.88. A hook may change a
/// job's end before it is run: it is shell, knows <c>$name</c> and <c>$index</c>, and sets <c>state</c> to running, timeout, cancelled or node.
/// </summary>
internal sealed class PlayedQueue
{
    private const string Common = """
        #!/bin/sh
        here=$(cd "$(dirname "$0")" && pwd)
        touch "$here/rows"
        printf '%s %s\n' "$(basename "$0")" "$(printf %s "$*" | tr '\n' ' ')" >>"$here/asked"
        if [ -e "$here/refusal-$(basename "$0")" ]; then cat "$here/refusal-$(basename "$0")" >&2; exit 1; fi
        # play NAME INDEX AFTER COMMAND…: the newest job is the first row.
        play() {
            name=$1 index=$2 after=$3 state=done code=0
            shift 3
            if [ -n "$after" ] && ! grep -q "^$after 0 done" "$here/rows"; then state=never; fi
            if [ "$state" = done ] && [ -e "$here/hook" ]; then . "$here/hook"; fi
            if [ "$state" = done ]; then "$@" >>"$here/output" 2>&1 || { state=failed code=$?; }; fi
            printf '%s %s %s %s\n' "$name" "$index" "$state" "$code" | cat - "$here/rows" >"$here/rows.new"
            mv "$here/rows.new" "$here/rows"
        }

        """;

    private const string Sbatch = """
        n=$(grep -c '^sbatch ' "$here/asked")
        cat >"$here/script-$n"
        name=$(sed -n 's/^#SBATCH --job-name=//p' "$here/script-$n")
        last=$(sed -n 's/^#SBATCH --array=0-\([0-9]*\).*/\1/p' "$here/script-$n")
        after=$(sed -n 's/^#SBATCH --dependency=afterok:\([0-9]*\).*/\1/p' "$here/script-$n")
        [ -z "$after" ] || after=$(cat "$here/name-$after")
        echo "$name" >"$here/name-$n"
        for i in $(seq 0 "${last:-0}"); do
            SLURM_ARRAY_JOB_ID=$n SLURM_ARRAY_TASK_ID=$i SLURMD_NODENAME=n1 play "$name" "$i" "$after" sh "$here/script-$n"
        done
        echo "$n"
        """;

    private const string Squeue = """
        n=0
        while read -r name index state code; do
            case $state in
            running) echo "$name|7_$index|RUNNING|None" ;;
            timeout) echo "$name|7_$index|TIMEOUT|TimeLimit" ;;
            cancelled) echo "$name|7_$index|CANCELLED|None" ;;
            node) echo "$name|7_$index|NODE_FAIL|None" ;;
            failed) echo "$name|7_$index|FAILED|NonZeroExitCode" ;;
            done) echo "$name|7_$index|COMPLETED|None" ;;
            esac
        done <"$here/rows"
        """;

    private const string Scontrol = """
        case $* in
        "show config") echo "MaxArraySize            = 3" ;;
        *) n=$(cat "$here/name-$4"); echo "JobId=$4 JobName=$n ExitCode=$(sed -n "s/^$n 0 [a-z]* //p" "$here/rows" | head -n 1):0" ;;
        esac
        """;

    private const string Flux = """
        word=$1
        shift
        case $word in
        jobs)
            while read -r name index state code; do
                case $name in *-probe-*) ;; *) name=$name.$index ;; esac
                case $state in
                running) echo "$name|RUN|||" ;;
                timeout) echo "$name|INACTIVE|TIMEOUT|142|resource allocation expired" ;;
                cancelled) echo "$name|INACTIVE|CANCELED|143|" ;;
                node) echo "$name|INACTIVE|FAILED|143|node failure on fxn2 (rank 2)" ;;
                failed) echo "$name|INACTIVE|FAILED|$code|" ;;
                done) echo "$name|INACTIVE|COMPLETED|0|" ;;
                never) echo "$name|INACTIVE|FAILED|1|dependency after-success=ƒLKoe3h can never be satisfied" ;;
                esac
            done <"$here/rows" ;;
        submit)
            name= last= after=
            while :; do
                case $1 in
                --job-name=*) name=${1#*=} name=${name%.\{cc\}} ;;
                --cc=0-0) echo "flux-submit: ERROR: IDset(): Invalid argument: 0-0" >&2; exit 1 ;;
                --cc=0) last=0 ;;
                --cc=0-*) last=${1##*-} ;;
                --dependency=afterok:*) after=${1#*:} ;;
                --*) ;;
                *) break ;;
                esac
                shift
            done
            for i in $(seq 0 "${last:-0}"); do FLUX_JOB_ID=ƒ$i FLUX_JOB_CC=$i play "$name" "$i" "$after" "$@"; done
            [ -n "$last" ] || echo "$name" ;;
        esac
        """;

    private readonly string _directory;

    private PlayedQueue(string directory) => _directory = directory;

    /// <summary>The program of Flux.</summary>
    public string FluxProgram => Path.Combine(_directory, "flux");

    /// <summary>What was asked, a command with its words in a line.</summary>
    public IReadOnlyList<string> Asked => File.ReadAllLines(Path.Combine(_directory, "asked"));

    /// <summary>What tasks wrote.</summary>
    public string Output => File.Exists(Path.Combine(_directory, "output")) ? File.ReadAllText(Path.Combine(_directory, "output")) : "";

    /// <summary>How many submissions there were.</summary>
    public int Submitted => Asked.Count(l => l.StartsWith("sbatch ", StringComparison.Ordinal) || l.StartsWith("flux submit ", StringComparison.Ordinal));

    /// <summary>Makes the commands in a directory.</summary>
    public static PlayedQueue In(string scratch)
    {
        var directory = Directory.CreateDirectory(Path.Combine(scratch, "queue")).FullName;
        foreach (var (name, script) in new[] { ("sbatch", Sbatch), ("squeue", Squeue), ("scontrol", Scontrol), ("scancel", ""), ("flux", Flux) })
        {
            File.WriteAllText(Path.Combine(directory, name), Common + script + "\n");
            File.SetUnixFileMode(Path.Combine(directory, name), (UnixFileMode)0b111_101_101);
        }

        return new PlayedQueue(directory);
    }

    /// <summary>What is done before each job is run.</summary>
    public void Hook(string shell) => File.WriteAllText(Path.Combine(_directory, "hook"), shell + "\n");

    /// <summary>What a command says from now on instead of its answer; null for its answer.</summary>
    public void Refuse(string command, string? said)
    {
        var file = Path.Combine(_directory, "refusal-" + command);
        if (said is null) File.Delete(file);
        else File.WriteAllText(file, said + "\n");
    }

    /// <summary>Takes all jobs out of the queue's list, as a queue forgets what ended long ago.</summary>
    public void Forget() => File.WriteAllText(Path.Combine(_directory, "rows"), "");

    /// <summary>The engine of a launcher with these commands.</summary>
    public ITaskEngine Engine(LauncherName name, LaunchDirectory launch, Plan plan, LauncherSection launcher, ProgramArchive archive, IActivityMonitor monitor)
    {
        var pause = TimeSpan.FromMilliseconds(300);
        return name == LauncherName.Slurm
            ? new SlurmEngine(launch, plan, launcher, archive, monitor, TimeProvider.System, new SlurmQueue(launcher.Slurm) { Commands = _directory }) { Pause = pause }
            : new FluxEngine(launch, plan, launcher, archive, monitor, TimeProvider.System, new FluxQueue(launcher.Flux, launch) { Program = FluxProgram }) { Pause = pause };
    }
}
