using Regatta.Agent.Drivers.Slurm;
using Regatta.Workloads;

namespace Regatta.Tests.Agent;

/// <summary>Reservations as Slurm shows them.</summary>
public sealed class SlurmReservationsTests
{
    [Fact]
    public void Times_are_of_utc_and_nodes_in_slurms_notation() => Assert.Equal(
        new ReservedTime("window", 1_796_008_604_000_000, 1_796_008_664_000_000, "worker[1-2]"),
        SlurmReservations.Parse("ReservationName=window StartTime=2026-11-30T03:16:44 EndTime=2026-11-30T03:17:44 Duration=00:01:00 Nodes=worker[1-2] NodeCnt=2 CoreCnt=8 Features=(null) PartitionName=(null) Flags=MAINT,SPEC_NODES TRES=cpu=8"));

    [Fact]
    public void It_starts_so_long_after_the_replay() =>
        Assert.Equal(
            "ReservationName=window StartTime=2026-11-30T16:34:10 Duration=1 Nodes=ALL",
            SlurmReservations.From(1_796_056_355_000_000 + 4, "ReservationName=window StartTime=now+95seconds Duration=1 Nodes=ALL"));

    [Fact]
    public void What_is_no_reservation_is_none() => Assert.Null(SlurmReservations.Parse("No reservations in the system"));
}
