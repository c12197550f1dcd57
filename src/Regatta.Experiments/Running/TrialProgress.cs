using Regatta.Runs;
using Regatta.Workloads;

namespace Regatta.Experiments.Running;

/// <summary>Tells how far a trial is, out of its events as they arrive.</summary>
/// <param name="trial">The trial.</param>
/// <param name="jobs">How many jobs it has.</param>
/// <param name="monitor">Who is told.</param>
internal sealed class TrialProgress(PlannedTrial trial, int jobs, IActivityMonitor monitor)
{
    private int _sent;
    private int _decided;
    private int _ended;

    /// <summary>Takes an event. Stamps of payloads come after the end and change nothing.</summary>
    public void See(JobEvent happened)
    {
        switch (happened.Kind)
        {
            case JobEventKind.Sent:
                _sent++;
                break;
            case JobEventKind.Decided:
                _decided++;
                break;
            case JobEventKind.Ended or JobEventKind.Rejected:
                _ended++;
                break;
            default:
                return;
        }

        monitor.Report(new Activity("trial", trial.Id, string.Create(CultureInfo.InvariantCulture, $"{_sent} of {jobs} sent, {Math.Max(0, _decided - _ended)} run, {_ended} ended"))
        {
            Fraction = jobs == 0 ? 1 : (double)_ended / jobs,
        });
    }
}
