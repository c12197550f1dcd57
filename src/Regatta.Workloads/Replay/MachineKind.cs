using System.Text.Json;
using System.Text.Json.Serialization;

namespace Regatta.Workloads;

/// <summary>What a trial's machines are, as plans and records name it (<c>machines</c>). A record never has <see cref="Auto"/> or <see cref="Qemu"/>: what they became is known then.</summary>
[JsonConverter(typeof(MachineKindJson))]
public enum MachineKind
{
    /// <summary>None: the reference scheduler simulates them.</summary>
    Simulation,

    /// <summary>Planned only: the best that the host can do.</summary>
    Auto,

    /// <summary>libvirt LXC containers.</summary>
    Lxc,

    /// <summary>Planned only: QEMU, on KVM where the host has it.</summary>
    Qemu,

    /// <summary>QEMU on KVM.</summary>
    QemuKvm,

    /// <summary>QEMU, emulated.</summary>
    QemuTcg,

    /// <summary>Machines that exist, over SSH.</summary>
    Ssh,
}

/// <summary>What kinds of machines are called.</summary>
public static class MachineKindNames
{
    private static readonly string[] Names = [.. Enum.GetNames<MachineKind>().Select(JsonNamingPolicy.KebabCaseLower.ConvertName)];

    /// <summary>The name, such as <c>qemu-kvm</c>.</summary>
    public static string Name(this MachineKind kind) => Names[(int)kind];
}

/// <summary>Kinds of machines in JSON, by <see cref="MachineKindNames.Name"/>.</summary>
public sealed class MachineKindJson() : JsonStringEnumConverter<MachineKind>(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false);
