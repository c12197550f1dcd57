using CsCheck;
using Regatta.Live.Following;

namespace Regatta.Tests.Live;

public sealed class LiveLanesTests
{
    private static readonly ImmutableDictionary<string, int> Unknown = ImmutableDictionary<string, int>.Empty;

    [Fact]
    public void Nodes_are_bands_and_what_is_not_known_is_shared_evenly()
    {
        var lanes = new LiveLanes(["w1", "w2"], Unknown.Add("w2", 3), 8);

        Assert.Equal(["w1 0 4", "w2 4 3"], lanes.Nodes.Select(n => $"{n.Name} {n.First} {n.Lanes}"));
        Assert.Equal(7, lanes.Count);
    }

    [Fact]
    public void A_job_gets_neighbours_on_its_own_nodes_and_gives_them_back()
    {
        var lanes = new LiveLanes(["w1", "w2"], Unknown, 8);

        Assert.Equal([new LaneRun(4, 2)], lanes.Take(0, 2, ["w2"], 10));
        Assert.Equal([new LaneRun(0, 3)], lanes.Take(1, 3, ["w1"], 10));
        // One on each, the rest where most are free.
        Assert.Equal([new LaneRun(3, 1), new LaneRun(6, 2)], lanes.Take(2, 3, ["w1", "w2"], 10));
        lanes.Return(1);
        lanes.Return(1);
        Assert.Equal([new LaneRun(0, 3)], lanes.Take(3, 3, ["w1"], 20));
    }

    [Fact]
    public void Where_an_end_is_not_known_yet_the_job_that_should_end_next_makes_room()
    {
        var lanes = new LiveLanes(["w1"], Unknown, 2);
        lanes.Take(0, 1, ["w1"], 50);
        lanes.Take(1, 1, ["w1"], 20);

        Assert.Equal([new LaneRun(1, 1)], lanes.Take(2, 1, ["w1"], 90));
        // The end that comes late frees nothing that is another's now.
        lanes.Return(1);
        Assert.Equal([new LaneRun(0, 1)], lanes.Take(3, 1, ["w1"], 90));
    }

    [Fact]
    public void A_job_on_nodes_that_are_not_known_or_wider_than_all_of_them_stays_on_the_chart()
    {
        var lanes = new LiveLanes(["w1", "w2"], Unknown, 4);

        Assert.Equal(4, lanes.Take(0, 9, ["elsewhere"], 1).Sum(r => r.Lanes));
        Assert.Equal(2, lanes.Take(1, 9, ["w2", "w2"], 1).Sum(r => r.Lanes));
    }

    [Fact]
    public void Lanes_never_overlap_while_there_is_room() =>
        Gen.Int[1, 6].List[1, 60].Sample(sizes =>
        {
            var lanes = new LiveLanes(["a", "b", "c"], Unknown, 12);
            var held = new Dictionary<int, IReadOnlyList<LaneRun>>();
            for (var job = 0; job < sizes.Count; job++)
            {
                while (held.Values.Sum(r => r.Sum(x => x.Lanes)) + sizes[job] > 12)
                {
                    var first = held.Keys.Min();
                    lanes.Return(first);
                    held.Remove(first);
                }

                held[job] = lanes.Take(job, sizes[job], [], job);
                Assert.Equal(sizes[job], held[job].Sum(r => r.Lanes));
                var used = held.Values.SelectMany(runs => runs.SelectMany(r => Enumerable.Range(r.Lane, r.Lanes))).ToList();
                Assert.Equal(used.Count, used.Distinct().Count());
            }
        });
}
