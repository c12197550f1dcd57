using System.Runtime.InteropServices;
using System.Xml.Linq;

namespace Regatta.Machines.Libvirt;

/// <summary>A domain or network as libvirt describes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Xml">Its description.</param>
public sealed record LibvirtObject(string Name, XElement Xml);

/// <summary>
/// A connection to a libvirt. Calls block for as long as libvirt works, may come from any thread, and raise
/// <see cref="DiagnosticException"/> with libvirt's own words (code <c>libvirt</c>).
/// </summary>
public sealed unsafe class LibvirtConnection : IDisposable
{
    private static readonly TimeSpan DestroyWithin = TimeSpan.FromSeconds(60), FirstPause = TimeSpan.FromMilliseconds(20), LongestPause = TimeSpan.FromSeconds(1);

    private nint _handle;

    private LibvirtConnection(nint handle, string uri)
    {
        _handle = handle;
        Uri = uri;
    }

    /// <summary>What it is connected to.</summary>
    public string Uri { get; }

    /// <summary>Version of the library at the other end.</summary>
    public Version Version
    {
        get
        {
            Check(NativeLibvirt.virConnectGetLibVersion(_handle, out var version), "its version cannot be read");
            return new Version((int)(version / 1_000_000), (int)(version / 1_000 % 1_000), (int)(version % 1_000));
        }
    }

    /// <summary>Connects.</summary>
    /// <exception cref="DiagnosticException">libvirt's library is not on this host, or nothing answers.</exception>
    public static LibvirtConnection Open(string uri)
    {
        try
        {
            var handle = NativeLibvirt.virConnectOpen(uri);
            return handle != 0 ? new LibvirtConnection(handle, uri) : throw Failure($"cannot connect to libvirt at '{uri}'", "libvirt-connect");
        }
        catch (Exception exception) when (exception is DllNotFoundException or TypeInitializationException { InnerException: DllNotFoundException })
        {
            throw new DiagnosticException(
                Diagnostic.Error("libvirt-absent", "libvirt's library (libvirt.so.0) is not on this host") with
                {
                    Help = "regatta doctor --fix",
                },
                exception);
        }
    }

    /// <summary>Starts a domain that vanishes when it ends.</summary>
    public void CreateDomain(XElement xml)
    {
        ArgumentNullException.ThrowIfNull(xml);
        var domain = NativeLibvirt.virDomainCreateXML(_handle, xml.ToString(SaveOptions.DisableFormatting), 0);
        if (domain == 0) throw Failure($"the domain '{xml.Element("name")?.Value}' cannot be started");
        _ = NativeLibvirt.virDomainFree(domain);
    }

    /// <summary>Every domain, running or not.</summary>
    public IReadOnlyList<LibvirtObject> Domains()
    {
        var count = NativeLibvirt.virConnectListAllDomains(_handle, out var domains, 0);
        Check(count, "the domains cannot be listed");
        return Listed(domains, count, NativeLibvirt.virDomainGetName, NativeLibvirt.virDomainGetXMLDesc, NativeLibvirt.virDomainFree);
    }

    /// <summary>A domain's description; null when there is none of that name.</summary>
    public XElement? FindDomain(string name)
    {
        var domain = NativeLibvirt.virDomainLookupByName(_handle, name);
        if (domain == 0) return LastCode() == NativeLibvirt.NoDomain ? null : throw Failure($"the domain '{name}' cannot be looked up");
        var xml = Take(NativeLibvirt.virDomainGetXMLDesc(domain, 0));
        _ = NativeLibvirt.virDomainFree(domain);
        return xml is null ? null : XElement.Parse(xml);
    }

    /// <summary>Ends a domain at once; no error when it is gone.</summary>
    public void DestroyDomain(string name)
    {
        var domain = NativeLibvirt.virDomainLookupByName(_handle, name);
        if (domain == 0)
        {
            if (LastCode() == NativeLibvirt.NoDomain) return;
            throw Failure($"the domain '{name}' cannot be looked up");
        }

        try
        {
            // libvirt gives up where a busy host ends processes slowly, and where a control group is gone that it saw a moment before: a later try goes through.
            Persist(
                () => NativeLibvirt.virDomainDestroy(domain) >= 0 || LastCode() is NativeLibvirt.NoDomain or NativeLibvirt.OperationInvalid
                    ? null : Failure($"the domain '{name}' cannot be ended"),
                TimeProvider.System, Thread.Sleep);
        }
        finally
        {
            _ = NativeLibvirt.virDomainFree(domain);
        }
    }

    /// <summary>Tries until it succeeds, for a minute at most whatever the failure says.</summary>
    /// <param name="attempt">Returns null once it has succeeded.</param>
    /// <param name="time">Clock of the limit.</param>
    /// <param name="pause">Waits between two tries.</param>
    internal static void Persist(Func<DiagnosticException?> attempt, TimeProvider time, Action<TimeSpan> pause)
    {
        var start = time.GetTimestamp();
        var wait = FirstPause;
        while (attempt() is { } failure)
        {
            if (time.GetElapsedTime(start) > DestroyWithin) throw failure;
            pause(wait);
            wait = wait + wait < LongestPause ? wait + wait : LongestPause;
        }
    }

    /// <summary>Starts a network that vanishes when it is destroyed.</summary>
    public void CreateNetwork(XElement xml)
    {
        ArgumentNullException.ThrowIfNull(xml);
        var network = NativeLibvirt.virNetworkCreateXML(_handle, xml.ToString(SaveOptions.DisableFormatting));
        if (network == 0) throw Failure($"the network '{xml.Element("name")?.Value}' cannot be started");
        _ = NativeLibvirt.virNetworkFree(network);
    }

    /// <summary>Every network, active or not.</summary>
    public IReadOnlyList<LibvirtObject> Networks()
    {
        var count = NativeLibvirt.virConnectListAllNetworks(_handle, out var networks, 0);
        Check(count, "the networks cannot be listed");
        return Listed(networks, count, NativeLibvirt.virNetworkGetName, NativeLibvirt.virNetworkGetXMLDesc, NativeLibvirt.virNetworkFree);
    }

    /// <summary>Ends a network; no error when it is gone.</summary>
    public void DestroyNetwork(string name)
    {
        var network = NativeLibvirt.virNetworkLookupByName(_handle, name);
        if (network == 0)
        {
            if (LastCode() == NativeLibvirt.NoNetwork) return;
            throw Failure($"the network '{name}' cannot be looked up");
        }

        try
        {
            if (NativeLibvirt.virNetworkDestroy(network) < 0 && LastCode() is not (NativeLibvirt.NoNetwork or NativeLibvirt.OperationInvalid))
                throw Failure($"the network '{name}' cannot be ended");
        }
        finally
        {
            _ = NativeLibvirt.virNetworkFree(network);
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        var closing = Interlocked.Exchange(ref _handle, 0);
        if (closing != 0) _ = NativeLibvirt.virConnectClose(closing);
    }

    /// <summary>Describes and frees what libvirt listed, and frees the list.</summary>
    private static List<LibvirtObject> Listed(nint* items, int count, Func<nint, nint> name, Func<nint, uint, nint> description, Func<nint, int> free)
    {
        var result = new List<LibvirtObject>(count);
        foreach (var item in new ReadOnlySpan<nint>(items, count))
        {
            // One that ends at this moment has no description any more.
            if (Take(description(item, 0)) is { } xml) result.Add(new LibvirtObject(Marshal.PtrToStringUTF8(name(item))!, XElement.Parse(xml)));
            _ = free(item);
        }

        NativeMemory.Free(items);
        return result;
    }

    private static void Check(int result, string what)
    {
        if (result < 0) throw Failure(what);
    }

    private static string? Take(nint text)
    {
        if (text == 0) return null;
        var result = Marshal.PtrToStringUTF8(text);
        NativeMemory.Free((void*)text);
        return result;
    }

    // The last error belongs to the thread: it must be read where the call failed.
    private static int LastCode()
    {
        var error = NativeLibvirt.virGetLastError();
        return error == null ? 0 : error->Code;
    }

    private static DiagnosticException Failure(string summary, string code = "libvirt")
    {
        var error = NativeLibvirt.virGetLastError();
        var words = error == null ? null : Marshal.PtrToStringUTF8(error->Message);
        return new DiagnosticException(Diagnostic.Error(code, summary) with { Detail = words is null ? null : "libvirt says: " + words });
    }
}
