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
        var packages = new JsonArray
        {
            new JsonObject
            {
                ["SPDXID"] = image,
                ["name"] = contents.Name,
                ["versionInfo"] = contents.LockHash,
                ["downloadLocation"] = "NOASSERTION",
                ["filesAnalyzed"] = false,
                ["licenseConcluded"] = "NOASSERTION",
                ["licenseDeclared"] = "NOASSERTION",
                ["copyrightText"] = "NOASSERTION",
                ["primaryPackagePurpose"] = "OPERATING-SYSTEM",
            },
        };
        var relationships = new JsonArray { Relationship("SPDXRef-DOCUMENT", "DESCRIBES", image) };
        foreach (var package in contents.Packages)
        {
            var id = $"SPDXRef-Package-{Safe(package.Name)}-{package.Architecture}";
            packages.Add(new JsonObject
            {
                ["SPDXID"] = id,
                ["name"] = package.Name,
                ["versionInfo"] = package.Version,
                ["supplier"] = "Organization: Debian",
                ["downloadLocation"] = "NOASSERTION",
                ["filesAnalyzed"] = false,
                ["licenseConcluded"] = "NOASSERTION",
                ["licenseDeclared"] = "NOASSERTION",
                ["copyrightText"] = "NOASSERTION",
                ["checksums"] = new JsonArray { new JsonObject { ["algorithm"] = "SHA256", ["checksumValue"] = package.Sha256 } },
                ["externalRefs"] = new JsonArray
                {
                    new JsonObject
                    {
                        ["referenceCategory"] = "PACKAGE-MANAGER",
                        ["referenceType"] = "purl",
                        ["referenceLocator"] = $"pkg:deb/debian/{Uri.EscapeDataString(package.Name)}@{Uri.EscapeDataString(package.Version)}?arch={package.Architecture}",
                    },
                },
            });
            relationships.Add(Relationship(image, "CONTAINS", id));
        }

        foreach (var payload in contents.Payloads)
        {
            var id = $"SPDXRef-Payload-{Safe(payload.Name)}";
            packages.Add(new JsonObject
            {
                ["SPDXID"] = id,
                ["name"] = payload.Name,
                ["versionInfo"] = payload.Version,
                ["downloadLocation"] = "NOASSERTION",
                ["filesAnalyzed"] = false,
                ["licenseConcluded"] = "NOASSERTION",
                ["licenseDeclared"] = "NOASSERTION",
                ["copyrightText"] = "NOASSERTION",
                ["checksums"] = new JsonArray { new JsonObject { ["algorithm"] = "SHA256", ["checksumValue"] = payload.Sha256 } },
            });
            relationships.Add(Relationship(image, "CONTAINS", id));
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
