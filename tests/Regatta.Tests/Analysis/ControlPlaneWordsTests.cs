using System.Text;
using Regatta.Analysis;

namespace Regatta.Tests.Analysis;

/// <summary>Which part of a Kubernetes control plane was the limit, out of what its programs count.</summary>
public sealed class ControlPlaneWordsTests
{
    [Fact]
    public void The_servers_queue_is_the_limit_while_requests_wait_in_it_and_the_scheduler_rests()
    {
        var words = Of(80, second => new()
        {
            ["scheduler_scheduling_algorithm_duration_seconds_sum"] = second * 0.1,
            ["scheduler_scheduling_algorithm_duration_seconds_count"] = second * 10,
            ["scheduler_pending_pods{queue=\"active\"}"] = 0,
            ["apiserver_flowcontrol_current_inqueue_requests{priority_level=\"workload-low\"}"] = second > 40 ? 12 : 0,
            ["apiserver_flowcontrol_request_wait_duration_seconds_sum{priority_level=\"workload-low\"}"] = Math.Max(0, second - 40) * 5.0,
            ["apiserver_flowcontrol_request_wait_duration_seconds_count{priority_level=\"workload-low\"}"] = second * 50,
        });

        Assert.Equal(
            [
                "The API server's queue, not the scheduler, was the limit from 40 s on: up to 12 requests waited in it, 100.0 ms each on average, while the scheduler was at work 10 % of the time.",
                "The scheduler decided on a pod in 10.00 ms, on average of 800.",
            ], words);
    }

    [Fact]
    public void The_scheduler_is_the_limit_while_it_is_at_work_and_pods_wait_for_it()
    {
        var words = Of(60, second => new()
        {
            ["scheduler_scheduling_algorithm_duration_seconds_sum"] = Math.Clamp(second, 10, 40) * 0.95,
            ["scheduler_scheduling_algorithm_duration_seconds_count"] = Math.Clamp(second, 10, 40) * 100,
            ["scheduler_pending_pods{queue=\"active\"}"] = second is > 10 and <= 40 ? 300 : 0,
            ["scheduler_e2e_scheduling_duration_seconds_sum"] = Math.Clamp(second, 10, 40) * 2.0,
            ["scheduler_e2e_scheduling_duration_seconds_count"] = Math.Clamp(second, 10, 40) * 100,
        });

        Assert.Equal(
            [
                "The scheduler was the limit from 10 s to 40 s: it was at work 95 % of the time, and 300 pods waited for it on average.",
                "The scheduler decided on a pod in 9.50 ms, and had it bound after 20.0 ms, on average of 3000.",
            ], words);
    }

    [Fact]
    public void The_controller_of_jobs_is_the_limit_while_jobs_wait_for_it()
    {
        var words = Of(30, _ => new() { ["workqueue_depth{name=\"job\"}"] = 40, ["workqueue_depth{name=\"endpoint\"}"] = 900 });

        Assert.Equal(["The controller of jobs, not the scheduler, was the limit from 0 s on: 40 jobs waited for it on average, while the scheduler was at work 0 % of the time."], words);
    }

    [Fact]
    public void What_lasted_for_one_look_only_is_no_limit() =>
        Assert.Empty(Of(30, second => new() { ["workqueue_depth{name=\"job\"}"] = second is > 5 and <= 10 ? 40 : 0 }));

    [Fact]
    public void Tries_that_find_no_place_and_kinds_of_requests_are_told()
    {
        var words = Of(10, second => new()
        {
            ["scheduler_schedule_attempts_total{result=\"scheduled\"}"] = second * 6,
            ["scheduler_schedule_attempts_total{result=\"unschedulable\"}"] = second * 4,
            ["apiserver_request_duration_seconds_sum{verb=\"POST\",resource=\"pods\"}"] = second * 0.3,
            ["apiserver_request_duration_seconds_count{verb=\"POST\",resource=\"pods\"}"] = second * 10,
            ["apiserver_request_duration_seconds_sum{verb=\"GET\",resource=\"nodes\"}"] = second * 0.1,
            ["apiserver_request_duration_seconds_count{verb=\"GET\",resource=\"nodes\"}"] = second * 100,
            ["etcd_request_duration_seconds_sum{operation=\"create\"}"] = second * 0.2,
            ["etcd_request_duration_seconds_count{operation=\"create\"}"] = second * 10,
        });

        Assert.Equal(
            [
                "The scheduler tried 100 times to place a pod, and 40 % of the tries found no place.",
                "Of the time that the API server spent on requests, 75 % went into POST pods (100 of them, 30.0 ms each).",
                "A request that changed something took 30.0 ms on average (100 of them), and one from the API server to etcd 20.0 ms.",
            ], words);
    }

    [Fact]
    public void Long_waits_for_the_controller_for_the_disk_and_for_a_clients_own_rate_are_told()
    {
        var words = Of(10, second => new()
        {
            ["workqueue_queue_duration_seconds_sum{name=\"job\"}"] = second * 5,
            ["workqueue_queue_duration_seconds_count{name=\"job\"}"] = second * 10,
            ["etcd_disk_wal_fsync_duration_seconds_sum"] = second * 0.25,
            ["etcd_disk_wal_fsync_duration_seconds_count"] = second * 10,
            ["rest_client_rate_limiter_duration_seconds_sum{process=\"kube-scheduler\"}"] = second * 0.5,
            ["rest_client_rate_limiter_duration_seconds_count{process=\"kube-scheduler\"}"] = second * 10,
            ["rest_client_rate_limiter_duration_seconds_sum{process=\"kube-controller-manager\"}"] = second * 0.0001,
            ["rest_client_rate_limiter_duration_seconds_count{process=\"kube-controller-manager\"}"] = second * 10,
        });

        Assert.Equal(
            [
                "The controller of jobs looked at a job 0.5 s after something had become of it, on average of 100.",
                "etcd waited 25 ms for its disk each time that it wrote (100 times): all that changes something waits for that.",
                "kube-scheduler held its own requests back by 50.0 ms each (100 of them): its rate as a client was a limit.",
            ], words);
    }

    /// <summary>Samples of each second, those of the API server of every fifth.</summary>
    private static ImmutableArray<string> Of(int seconds, Func<int, Dictionary<string, double>> values)
    {
        var lines = new StringBuilder();
        for (var second = 0; second <= seconds; second++)
        {
            var all = values(second).Append(new("apiserver_current_inflight_requests{request_kind=\"mutating\"}", 0)).Where(v => second % 5 == 0 || !v.Key.StartsWith("apiserver_", StringComparison.Ordinal));
            lines.Append(CultureInfo.InvariantCulture, $"{{\"time\":{Trials.At(second)},\"values\":{System.Text.Json.JsonSerializer.Serialize(all.ToDictionary(v => v.Key, v => v.Value))}}}\n");
        }

        return TrialInside.Of(SampleTable.Parse(Encoding.UTF8.GetBytes(lines.ToString()), "test"), Trials.Record()).Words;
    }
}
