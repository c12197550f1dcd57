using System.Net.Security;
using Regatta.Agent.Sampling;

namespace Regatta.Agent.Drivers.Kubernetes;

/// <summary>A program of the control plane that tells metrics of itself on the head.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Port">Its port on the loopback.</param>
/// <param name="Secure">It speaks TLS, with a certificate that it made for itself.</param>
/// <param name="Kept">What is kept of them.</param>
internal sealed record MetricsServer(string Name, int Port, bool Secure, IEnumerable<KeptMetric> Kept);

/// <summary>
/// What the programs of a control plane count of themselves (<c>/metrics</c>), under their own names: pods that wait and attempts to place them, requests to the API server,
/// those that wait in it and how long each kind takes, the controllers' queues, etcd's disk. Buckets of histograms are left out.
/// </summary>
internal static class KubernetesMetrics
{
    // The API server tells some ten thousand lines; to answer costs it more than all the others.
    private const int ApiServerEvery = 5;

    // A program that hangs is one that is not asked for a while.
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(2);

    /// <summary>Kubernetes' default scheduler.</summary>
    public static MetricsServer Scheduler { get; } = new("kube-scheduler", 10259, true,
    [
        new("scheduler_pending_pods", "queue"),
        new("scheduler_schedule_attempts_total", "result"),
        new("scheduler_queue_incoming_pods_total", "event"),
        .. KeptMetric.Times("scheduler_scheduling_algorithm_duration_seconds"),
        // Until 1.22; newer ones say the same by result.
        .. KeptMetric.Times("scheduler_e2e_scheduling_duration_seconds"),
        .. KeptMetric.Times("scheduler_scheduling_attempt_duration_seconds", "result"),
        .. KeptMetric.Times("scheduler_pod_scheduling_duration_seconds"),
        .. KeptMetric.Times("scheduler_pod_scheduling_sli_duration_seconds"),
        .. Client("kube-scheduler"),
    ]);

    /// <summary>Volcano's.</summary>
    public static MetricsServer Volcano { get; } = new("vc-scheduler", 8080, false,
    [
        .. KeptMetric.Times("volcano_e2e_scheduling_latency_milliseconds"),
        .. KeptMetric.Times("volcano_e2e_job_scheduling_latency_milliseconds"),
        .. KeptMetric.Times("volcano_action_scheduling_latency_microseconds", "action"),
        .. KeptMetric.Times("volcano_task_scheduling_latency_milliseconds"),
        new("volcano_schedule_attempts_total", "result"),
        new("volcano_unschedule_job_count"),
        new("volcano_unschedule_task_count"),
        .. Client("vc-scheduler"),
    ]);

    private static MetricsServer Manager { get; } = new("kube-controller-manager", 10257, true,
    [
        new("workqueue_depth", "name"),
        new("workqueue_adds_total", "name"),
        .. KeptMetric.Times("workqueue_queue_duration_seconds", "name"),
        .. KeptMetric.Times("workqueue_work_duration_seconds", "name"),
        .. Client("kube-controller-manager"),
    ]);

    private static MetricsServer Etcd { get; } = new("etcd", 2381, false,
    [
        .. KeptMetric.Times("etcd_disk_wal_fsync_duration_seconds"),
        .. KeptMetric.Times("etcd_disk_backend_commit_duration_seconds"),
        new("etcd_mvcc_db_total_size_in_bytes"),
        new("etcd_server_proposals_pending"),
        new("etcd_server_proposals_committed_total"),
        new("etcd_server_slow_apply_total"),
    ]);

    private static IEnumerable<KeptMetric> Server { get; } =
    [
        new("apiserver_current_inflight_requests", "request_kind"),
        new("apiserver_dropped_requests_total", "request_kind"),
        new("apiserver_flowcontrol_current_inqueue_requests", "priority_level"),
        new("apiserver_flowcontrol_rejected_requests_total", "priority_level"),
        .. KeptMetric.Times("apiserver_flowcontrol_request_wait_duration_seconds", "priority_level"),
        // Watches and the like last as long as somebody looks.
        .. KeptMetric.Times("apiserver_request_duration_seconds", "verb", "resource").Select(k => k with { Without = ("verb", "WATCH") }),
        .. KeptMetric.Times("apiserver_admission_webhook_admission_duration_seconds", "name"),
        .. KeptMetric.Times("etcd_request_duration_seconds", "operation"),
    ];

    // What programs tell of themselves as clients of the API server is told by all of them.
    private static IEnumerable<KeptMetric> Client(string process) =>
        new[] { "rest_client_rate_limiter_duration_seconds", "rest_client_request_duration_seconds" }.SelectMany(n => KeptMetric.Times(n)).Select(k => k with { Owner = $"process=\"{process}\"" });

    /// <summary>The programs of a control plane.</summary>
    /// <param name="config">Where the API server is, and who one is.</param>
    /// <param name="scheduler">The program that places pods.</param>
    public static IReadOnlyList<ISampleSource> Sources(Kubeconfig config, MetricsServer scheduler)
    {
        var token = config.Token is { } bearer ? $"Authorization: Bearer {bearer}\r\n" : "";
        return
        [
            new MetricsSource("kube-apiserver", () => Connect(config.Server.Host, config.Server.Port, config.Server.Scheme == "https" ? Trusting(config) : null), new MetricSelection(Server), ApiServerEvery, token),
            .. new[] { scheduler, Manager, Etcd }.Select(s => new MetricsSource(s.Name, () => Connect("127.0.0.1", s.Port, s.Secure ? Local(config) : null), new MetricSelection(s.Kept), headers: s.Secure ? token : "")),
        ];
    }

    private static Stream Connect(string host, int port, SslClientAuthenticationOptions? tls)
    {
        var stream = PlainHttp.Tcp(host, port, Within);
        return tls is null ? stream : PlainHttp.Tls(stream, tls);
    }

    private static SslClientAuthenticationOptions Trusting(Kubeconfig config)
    {
        var tls = KubernetesApi.Tls(config);
        tls.TargetHost = config.Server.Host;
        return tls;
    }

    // Certificates that programs make for themselves at each start can be held against nothing; the way does not leave the node.
    private static SslClientAuthenticationOptions Local(Kubeconfig config)
    {
        var tls = KubernetesApi.Tls(config);
        (tls.TargetHost, tls.CertificateChainPolicy, tls.RemoteCertificateValidationCallback) = ("localhost", null, (_, _, _, errors) => !errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable));
        return tls;
    }
}
