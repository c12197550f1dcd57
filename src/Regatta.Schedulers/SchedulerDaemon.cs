using System.Text.Json;
using Regatta.Machines;

namespace Regatta.Schedulers;

/// <summary>What a daemon is to a scheduler, under names that all schedulers share.</summary>
public enum DaemonRole
{
    /// <summary>Takes jobs and knows their state: nothing goes on without it.</summary>
    Controller,

    /// <summary>Chooses nodes for jobs, where that is a program of its own.</summary>
    Scheduler,

    /// <summary>Makes pods of jobs and sees to nodes that are lost.</summary>
    Manager,

    /// <summary>Runs jobs on a node.</summary>
    Node,

    /// <summary>Keeps what is to last.</summary>
    Database,

    /// <summary>Serves the interface that jobs are submitted through, where that is a program of its own.</summary>
    Api,

    /// <summary>Looks at jobs before they are taken.</summary>
    Webhook,
}

/// <summary>A daemon of a scheduler.</summary>
/// <param name="Role">What it is for.</param>
/// <param name="On">Where it runs.</param>
/// <param name="Process">Its name as the kernel knows it, at most 15 bytes.</param>
/// <param name="Unit">The unit of systemd whose main process it is; null where something else starts it.</param>
public sealed record SchedulerDaemon(DaemonRole Role, NodeRole On, string Process, string? Unit);

/// <summary>What the roles of daemons are called.</summary>
public static class DaemonRoleNames
{
    /// <summary>The name, such as <c>controller</c>.</summary>
    public static string Name(this DaemonRole role) => JsonNamingPolicy.KebabCaseLower.ConvertName(role.ToString());
}
