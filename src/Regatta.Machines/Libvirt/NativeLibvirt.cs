using System.Runtime.InteropServices;

namespace Regatta.Machines.Libvirt;

/// <summary>The functions of libvirt's C library that are used; each as its manual has it.</summary>
internal static unsafe partial class NativeLibvirt
{
    public const int NoDomain = 42;
    public const int NoNetwork = 43;
    public const int OperationInvalid = 55;

    private const string Library = "libvirt.so.0";

    static NativeLibvirt() => virSetErrorFunc(0, &Silent); // Otherwise every error is printed to standard error as well.

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint virConnectOpen(string uri);

    [LibraryImport(Library)]
    public static partial int virConnectClose(nint connection);

    [LibraryImport(Library)]
    public static partial int virConnectGetLibVersion(nint connection, out ulong version);

    [LibraryImport(Library)]
    public static partial int virConnectListAllDomains(nint connection, out nint* domains, uint flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint virDomainCreateXML(nint connection, string xml, uint flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint virDomainLookupByName(nint connection, string name);

    [LibraryImport(Library)]
    public static partial nint virDomainGetName(nint domain);

    [LibraryImport(Library)]
    public static partial nint virDomainGetXMLDesc(nint domain, uint flags);

    [LibraryImport(Library)]
    public static partial int virDomainDestroy(nint domain);

    [LibraryImport(Library)]
    public static partial int virDomainFree(nint domain);

    [LibraryImport(Library)]
    public static partial int virConnectListAllNetworks(nint connection, out nint* networks, uint flags);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint virNetworkCreateXML(nint connection, string xml);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint virNetworkLookupByName(nint connection, string name);

    [LibraryImport(Library)]
    public static partial nint virNetworkGetName(nint network);

    [LibraryImport(Library)]
    public static partial nint virNetworkGetXMLDesc(nint network, uint flags);

    [LibraryImport(Library)]
    public static partial int virNetworkDestroy(nint network);

    [LibraryImport(Library)]
    public static partial int virNetworkFree(nint network);

    [LibraryImport(Library)]
    public static partial Error* virGetLastError();

    [LibraryImport(Library)]
    private static partial void virSetErrorFunc(nint data, delegate* unmanaged<nint, Error*, void> handler);

    [UnmanagedCallersOnly]
    private static void Silent(nint data, Error* error)
    {
    }

    /// <summary><c>virError</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Error
    {
        public int Code;
        public int Domain;
        public nint Message;
        public int Level;
        public nint Connection;
        public nint DomainObject;
        public nint Text1;
        public nint Text2;
        public nint Text3;
        public int Number1;
        public int Number2;
        public nint Network;
    }
}
