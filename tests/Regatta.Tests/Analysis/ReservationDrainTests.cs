using Regatta.Analysis;
using Regatta.Workloads;

namespace Regatta.Tests.Analysis;

/// <summary>What stands idle before a reservation.</summary>
public sealed class ReservationDrainTests
{
    [Fact]
    public void Processors_that_waiting_jobs_would_have_had_drain_from_when_their_limits_reach_in()
    {
        // Four processors, reserved from 100 s on. One works on two of them until 80 s; the other wants three from 20 s on, for at most 60 s: two of them are idle from 40 to 80 s, then three.
        var (runs, waits) = (Trials.Job(1, 2, 0, 0, 80) with { NodeList = "a" }, Waits(2, 3, 20, 60, 130));
        Assert.Equal((2 * 40) + (3 * 20), Drain("a", runs, waits)!.Value, 6);
        // Who has started no longer waits, and whose limit ends before never did.
        Assert.Equal(0, Drain("a", runs, Waits(2, 3, 20, 60, 30))!.Value, 6);
        Assert.Equal(0, Drain("a", runs, Waits(2, 3, 85, 5, 94))!.Value, 6);
        // One without a limit may always reach in: from 20 s on.
        Assert.Equal((2 * 60) + (3 * 20), Drain("a", runs, waits with { RequestedTime = null })!.Value, 6);
        // One that asks for the reservation waits for it.
        Assert.Equal(0, Drain("a", runs, waits with { Request = new JobRequest { Reservation = "window" } })!.Value, 6);
    }

    [Fact]
    public void Of_some_nodes_their_own_processors_count()
    {
        // Two on each node; the job on both nodes works on one processor of each.
        var jobs = new[] { Trials.Job(1, 2, 0, 0, 200) with { NodeList = "a,b" }, Waits(2, 3, 50, 500, 130) };
        Assert.Equal(1 * 50, Drain("b", jobs)!.Value, 6);
        Assert.Equal(2 * 50, Drain("a,b", jobs)!.Value, 6);
        // Nobody knows where this one works.
        Assert.Null(Drain("a,b", jobs[0] with { NodeList = null }, jobs[1]));
    }

    [Fact]
    public void Without_a_reservation_there_is_nothing_to_drain() =>
        Assert.Null(TrialMetrics.Compute(Trials.Of(Trials.Job(1, 1, 0, 1, 2)))["reservation-drain"]);

    private static JobRecord Waits(long number, int processors, double since, double limit, double start) =>
        Trials.Job(number, processors, since, start, start + 10) with { RequestedTime = Trials.Micro(limit), NodeList = "a" };

    private static double? Drain(string nodes, params JobRecord[] jobs)
    {
        var workers = nodes == "a" ? ImmutableArray.Create("a") : ["a", "b"];
        var record = Trials.Record() with { Workers = workers, Reservations = [new ReservedTime("window", Trials.At(100), Trials.At(120), nodes)] };
        return TrialMetrics.Compute(new Trial(record, JobTable.From(jobs)))["reservation-drain"];
    }
}
