using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Regatta.Images;

/// <summary>The packages of an image as an SPDX 2.3 document in JSON (https://spdx.github.io/spdx-spec/v2.3/).</summary>
public static partial class SpdxDocument
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The document; the same contents give the same document.</summary>
    public static JsonObject Create(ImageContents contents)
    {
        ArgumentNullException.ThrowIfNull(contents);
        var image = $"SPDXRef-Image-{Safe(contents.Name)}";
        var system = Package(image, contents.Name, contents.LockHash);
        system["primaryPackagePurpose"] = "OPERATING-SYSTEM";
        var packages = new JsonArray { system };
        var relationships = new JsonArray { Relationship("SPDXRef-DOCUMENT", "DESCRIBES", image) };
        foreach (var package in contents.Packages)
        {
            var described = Package($"SPDXRef-Package-{Safe(package.Name)}-{package.Architecture}", package.Name, package.Version, package.Sha256, "Organization: Debian");
            described["externalRefs"] = new JsonArray
            {
                new JsonObject
                {
                    ["referenceCategory"] = "PACKAGE-MANAGER",
                    ["referenceType"] = "purl",
                    ["referenceLocator"] = $"pkg:deb/debian/{Uri.EscapeDataString(package.Name)}@{Uri.EscapeDataString(package.Version)}?arch={package.Architecture}",
                },
            };
            Contain(described);
        }

        foreach (var payload in contents.Payloads) Contain(Package($"SPDXRef-Payload-{Safe(payload.Name)}", payload.Name, payload.Version, payload.Sha256));

        void Contain(JsonObject package)
        {
            packages.Add(package);
            relationships.Add(Relationship(image, "CONTAINS", (string)package["SPDXID"]!));
        }

        var document = new JsonObject
        {
            ["spdxVersion"] = "SPDX-2.3",
            ["dataLicense"] = "CC0-1.0",
            ["SPDXID"] = "SPDXRef-DOCUMENT",
            ["name"] = $"Regatta image {contents.Name}",
            ["documentNamespace"] = $"urn:regatta:image:{Safe(contents.Name)}:{contents.LockHash}",
            ["creationInfo"] = new JsonObject
            {
                ["created"] = DateTimeOffset.FromUnixTimeSeconds(contents.SourceDateEpoch).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["creators"] = new JsonArray { "Tool: regatta" },
            },
            ["packages"] = packages,
            ["relationships"] = relationships,
        };
        return document;
    }

    /// <summary>The document as indented text.</summary>
    public static string Format(JsonObject document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return document.ToJsonString(Indented);
    }

    /// <summary>What every package says; what it leaves open, nobody has looked at.</summary>
    private static JsonObject Package(string id, string name, string version, string? sha256 = null, string? supplier = null)
    {
        var package = new JsonObject { ["SPDXID"] = id, ["name"] = name, ["versionInfo"] = version };
        if (supplier is not null) package["supplier"] = supplier;
        package["downloadLocation"] = "NOASSERTION";
        package["filesAnalyzed"] = false;
        foreach (var open in new[] { "licenseConcluded", "licenseDeclared", "copyrightText" }) package[open] = "NOASSERTION";
        if (sha256 is not null) package["checksums"] = new JsonArray { new JsonObject { ["algorithm"] = "SHA256", ["checksumValue"] = sha256 } };
        return package;
    }

    private static JsonObject Relationship(string from, string type, string to) => new()
    {
        ["spdxElementId"] = from,
        ["relationshipType"] = type,
        ["relatedSpdxElement"] = to,
    };

    // Identifiers hold letters, digits, dots and hyphens only.
    private static string Safe(string name) => Unsafe().Replace(name, "-");

    [GeneratedRegex("[^A-Za-z0-9.-]")]
    private static partial Regex Unsafe();
}
