using System.Collections;
using System.Numerics;
using System.Reflection;

namespace Regatta.Config;

/// <summary>Makes C# records of resolved configurations. Everything that is wrong is reported at once, each with where it stands.</summary>
public sealed class RecordBinder
{
    private readonly List<Diagnostic> _faults = [];

    /// <summary>Binds a resolved tree.</summary>
    /// <exception cref="DiagnosticException">A value is missing, unknown, or of the wrong type; every such value is reported.</exception>
    public static T Bind<T>(ConfigNode node)
    {
        var binder = new RecordBinder();
        var value = binder.Value(node, typeof(T), null);
        if (binder._faults.Count > 0) throw new DiagnosticException(binder._faults);
        return (T)value!;
    }

    private object? Record(ConfigNode node, Type type)
    {
        if (node is not MappingNode { State: ContainerState.Value } mapping)
        {
            Report(node, "value-type-mismatch", $"'{Name(node)}' must be a mapping ({type.Name}), not {Conversion.Describe(node is ScalarNode scalar ? scalar.Value : node)}");
            return null;
        }

        if (RecordSchema.KindNames(type) is { } kinds) return OfKind(mapping, type, kinds);
        var properties = RecordSchema.Properties(type).ToList();
        CheckKeys(mapping, properties);
        return Made(mapping, type, properties, mapping);
    }

    private object? OfKind(MappingNode mapping, Type type, EnumHint kinds)
    {
        if (mapping[KindSchema.Key] is not { } given || given.IsMissing || given.IsNull)
        {
            var name = mapping.PathOf(KindSchema.Key);
            Report(mapping[KindSchema.Key] ?? mapping, "missing-value", $"'{name}' must be given", $"write {name}=VALUE, one of {kinds.Name}");
            return null;
        }

        if (given is not ScalarNode scalar)
        {
            Report(given, "value-type-mismatch", $"'{Name(given)}' must be one of {kinds.Name}, not {Conversion.Describe(given)}");
            return null;
        }

        try
        {
            var kind = Chosen(scalar.Value is EnumMember member ? member.Name : scalar.Value, kinds).Name;
            var chosen = RecordSchema.KindType(type, kind);
            var properties = RecordSchema.Properties(chosen).ToList();
            var names = properties.Select(RecordSchema.KeyOf).ToHashSet(StringComparer.Ordinal);
            if (mapping.Keys.Any(key => key != KindSchema.Key && !names.Contains(key))) _faults.AddRange(SectionKinds.Unknown(mapping, RecordSchema.Of(type), kind));
            return Made(mapping, chosen, properties, given);
        }
        catch (ConversionException e)
        {
            Report(given, "value-type-mismatch", $"'{Name(given)}': {e.Message}", e.Help);
            return null;
        }
    }

    private object? Made(MappingNode mapping, Type type, List<PropertyInfo> properties, ConfigNode place)
    {
        var earlier = _faults.Count;
        var constructor = RecordSchema.PrimaryConstructor(type);
        var set = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        object? record;
        if (constructor is null)
        {
            record = Activator.CreateInstance(type)!;
        }
        else
        {
            var before = _faults.Count;
            var arguments = constructor.GetParameters().Select(p => Argument(mapping, p, properties, set)).ToArray();
            if (_faults.Count > before) return null;
            record = constructor.Invoke(arguments);
        }

        foreach (var property in properties)
        {
            if (set.Contains(property.Name)) continue;
            var child = mapping[RecordSchema.KeyOf(property)];
            if (child is null && property.GetCustomAttribute<System.Runtime.CompilerServices.RequiredMemberAttribute>() is not null) ReportAbsent(mapping, property, place);
            if (child is null) continue;

            var before = _faults.Count;
            var value = Value(child, property.PropertyType, property);
            if (_faults.Count == before) property.SetValue(record, value);
        }

        if (_faults.Count == earlier && record is ICheckedSection section)
        {
            foreach (var (property, fault) in section.Faults())
                _faults.Add(At(mapping[RecordSchema.KeyOf(properties.Find(p => p.Name == property)!)] ?? mapping, fault));
        }

        return record;
    }

    private object? Argument(MappingNode mapping, ParameterInfo parameter, List<PropertyInfo> properties, HashSet<string> set)
    {
        set.Add(parameter.Name!);
        var property = properties.Find(p => string.Equals(p.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
        var child = mapping[property is null ? RecordSchema.KeyOf(parameter.Name!) : RecordSchema.KeyOf(property)];
        if (child is not null) return Value(child, parameter.ParameterType, property);
        if (parameter.HasDefaultValue) return parameter.DefaultValue ?? (parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null);
        if (property is not null) ReportAbsent(mapping, property, mapping);
        return null;
    }

    private void CheckKeys(MappingNode mapping, List<PropertyInfo> properties)
    {
        var names = properties.Select(RecordSchema.KeyOf).ToList();
        foreach (var item in mapping.Items)
        {
            var key = ConfigNode.KeyText(item.Key!);
            if (!names.Contains(key)) Report(item, "key-not-in-schema", $"'{Name(item)}' is no key that is known here", Below(mapping, key, properties) ?? Suggestion.Help(key, names));
        }
    }

    // The key of this very name in a section: keys move into sections of their own.
    private static string? Below(MappingNode mapping, string key, List<PropertyInfo> properties) =>
        properties.Find(p => p.PropertyType.GetCustomAttribute<ConfigSchemaAttribute>() is not null && RecordSchema.Properties(p.PropertyType).Any(inner => RecordSchema.KeyOf(inner) == key)) is { } section
            ? $"did you mean '{mapping.PathOf(RecordSchema.KeyOf(section))}.{key}'?" : null;

    private object? Value(ConfigNode node, Type type, PropertyInfo? property)
    {
        if (node.IsMissing)
        {
            Report(node, "missing-value", $"'{Name(node)}' must be given", $"write {Name(node)}=VALUE{Example(property)}");
            return null;
        }

        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (node.IsNull)
        {
            if (!plain.IsValueType || plain != type)
            {
                if (plain != type || property is null || new NullabilityInfoContext().Create(property).WriteState != NullabilityState.NotNull) return null;
            }

            Report(node, "value-type-mismatch", $"'{Name(node)}' must be {Describe(plain)}, not null");
            return null;
        }

        if (typeof(ConfigNode).IsAssignableFrom(plain)) return node;
        if (plain == typeof(object)) return Free(node);
        if (RecordSchema.DictionaryTypes(plain) is var (key, item)) return Dictionary(node, plain, key, item);
        if (plain != typeof(string) && RecordSchema.ItemType(plain) is { } element) return List(node, plain, element, property);
        if (node is ScalarNode scalar && IsScalar(plain)) return Scalar(scalar, plain, property);
        if (IsScalar(plain))
        {
            var joined = (plain == typeof(string) || RecordSchema.Parser(plain) is not null) && node is SequenceNode { State: ContainerState.Value } list && list.Items.All(i => i is ScalarNode) ? $"write one text, such as '{string.Join(',', list.Items.Select(i => i.Summary()))}'" : null;
            Report(node, "value-type-mismatch", $"'{Name(node)}' must be {Describe(plain)}, not {Conversion.Describe(node)}", joined);
            return null;
        }

        return Record(node, plain);
    }

    private object? Scalar(ScalarNode node, Type type, PropertyInfo? property)
    {
        var facts = property?.GetCustomAttribute<ConfigKeyAttribute>();
        try
        {
            var value = node.Value is EnumMember member ? member.Name : node.Value!;
            if (type == typeof(string)) return Conversion.Convert(value, new StringHint());
            if (type == typeof(bool)) return Conversion.Convert(value, new BoolHint()) as bool? ?? throw Conversion.Mismatch(value, new BoolHint());
            if (type.IsEnum) return Member(value, type);
            if (RecordSchema.Parser(type) is { } parse) return parse.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [Conversion.Convert(value, new StringHint())], CultureInfo.InvariantCulture);
            var quantity = new Quantity(type == typeof(ByteSize) ? QuantityKind.Size : type == typeof(TimeSpan) ? QuantityKind.Duration : type == typeof(double) || type == typeof(float) || type == typeof(decimal) ? QuantityKind.Number : QuantityKind.Count)
            {
                Minimum = facts is null || double.IsNaN(facts.Minimum) ? type == typeof(ByteSize) || type == typeof(TimeSpan) ? 0 : null : facts.Minimum,
                Maximum = facts is null || double.IsNaN(facts.Maximum) ? null : facts.Maximum,
                Above = facts?.Above ?? false,
            };
            if (value is bool) throw Conversion.Mismatch(value, new QuantityHint(quantity));
            quantity.Check(value);
            if (type == typeof(ByteSize)) return new ByteSize((long)quantity.Read(value)!.Value);
            if (type == typeof(TimeSpan)) return TimeSpan.FromTicks((long)Math.Round(quantity.Read(value)!.Value * TimeSpan.TicksPerSecond));
            if (quantity.Kind == QuantityKind.Count && value is double) throw Conversion.Mismatch(value, new IntHint());
            return Convert.ChangeType(value is BigInteger or long ? value is long whole ? whole : throw new OverflowException() : quantity.Read(value)!.Value, type, CultureInfo.InvariantCulture);
        }
        catch (ConversionException e)
        {
            Report(node, "value-type-mismatch", $"'{Name(node)}': {e.Message}", e.Help);
        }
        catch (DiagnosticException e)
        {
            // What a type's own Parse found knows no place.
            _faults.AddRange(e.Diagnostics.Select(fault => At(node, fault)));
        }
        catch (FormatException e)
        {
            Report(node, "value-type-mismatch", $"'{Name(node)}': {e.Message}");
        }
        catch (OverflowException)
        {
            Report(node, "value-type-mismatch", $"'{Name(node)}': {Conversion.Describe(node.Value)} is too large for it");
        }

        return null;
    }

    private static object Member(object value, Type type)
    {
        var names = Enum.GetNames(type);
        var hint = new EnumHint(type.Name, names.Select(RecordSchema.EnumName).ToList()) { IgnoreCase = true };
        return Enum.Parse(type, names[Chosen(value, hint).Number - 1]);
    }

    // A reference that nothing has resolved passes a conversion as it is.
    private static EnumMember Chosen(object? value, EnumHint hint) => Conversion.Convert(value, hint) as EnumMember ?? throw Conversion.Mismatch(value, hint);

    private object? List(ConfigNode node, Type type, Type element, PropertyInfo? property)
    {
        if (node is not SequenceNode { State: ContainerState.Value } sequence)
        {
            Report(node, "value-type-mismatch", $"'{Name(node)}' must be a list, not {Conversion.Describe(node is ScalarNode scalar ? scalar.Value : node)}", node is ScalarNode ? $"write [{node.Summary()}]" : null);
            return null;
        }

        var items = Array.CreateInstance(element, sequence.Count);
        for (var i = 0; i < sequence.Count; i++)
        {
            var before = _faults.Count;
            var value = Value(sequence.Items[i], element, IsScalar(element) ? property : null);
            if (_faults.Count == before) items.SetValue(value, i);
        }

        if (type.IsAssignableFrom(items.GetType())) return items;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
            return typeof(ImmutableArray).GetMethods().First(m => m.Name == "Create" && m.GetParameters() is [{ ParameterType.IsArray: true }]).MakeGenericMethod(element).Invoke(null, [items]);
        return Activator.CreateInstance(type, items);
    }

    private object? Dictionary(ConfigNode node, Type type, Type key, Type value)
    {
        if (node is not MappingNode { State: ContainerState.Value } mapping)
        {
            Report(node, "value-type-mismatch", $"'{Name(node)}' must be a mapping, not {Conversion.Describe(node is ScalarNode scalar ? scalar.Value : node)}");
            return null;
        }

        var made = typeof(Dictionary<,>).MakeGenericType(key, value);
        var map = (IDictionary)Activator.CreateInstance(made)!;
        foreach (var item in mapping.Items)
        {
            var before = _faults.Count;
            var name = key == typeof(string) ? ConfigNode.KeyText(item.Key!) : Scalar(new ScalarNode(item.Key) { Origin = item.Origin }, key, null);
            var bound = Value(item, value, null);
            if (_faults.Count == before) map.Add(name!, bound);
        }

        return type.IsAssignableFrom(made) ? map : Activator.CreateInstance(type, map);
    }

    private static object? Free(ConfigNode node) => node switch
    {
        MappingNode { State: ContainerState.Value } mapping => mapping.Items.ToDictionary(i => ConfigNode.KeyText(i.Key!), Free, StringComparer.Ordinal),
        SequenceNode { State: ContainerState.Value } sequence => sequence.Items.Select(Free).ToList(),
        ScalarNode { Value: EnumMember member } => member.Name,
        ScalarNode scalar => scalar.Value,
        _ => null,
    };

    private static bool IsScalar(Type type) => type == typeof(string) || type.IsPrimitive || type.IsEnum || type == typeof(decimal) || type == typeof(TimeSpan) || type == typeof(ByteSize) || RecordSchema.Parser(type) is not null;

    private static string Describe(Type type) =>
        type == typeof(string) || RecordSchema.Parser(type) is not null ? "text" : type == typeof(bool) ? "true or false" : type == typeof(TimeSpan) ? "a duration" : type == typeof(ByteSize) ? "a size"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type).Select(RecordSchema.EnumName))}"
        : type.IsPrimitive || type == typeof(decimal) ? "a number" : "a mapping";

    private static string Example(PropertyInfo? property) =>
        property?.GetCustomAttribute<ConfigKeyAttribute>() is { Example: { } example } ? $", such as {example}" : "";

    private static string Name(ConfigNode node) => node.Path.Length == 0 ? "the configuration" : node.Path;

    private void ReportAbsent(MappingNode mapping, PropertyInfo property, ConfigNode place)
    {
        var name = mapping.PathOf(RecordSchema.KeyOf(property));
        Report(place, "missing-value", $"'{name}' must be given", $"write {name}=VALUE{Example(property)}");
    }

    private void Report(ConfigNode node, string code, string summary, string? help = null)
    {
        _faults.Add(At(node, Diagnostic.Error("config-" + code, summary) with { Help = help }));
    }

    private static Diagnostic At(ConfigNode node, Diagnostic diagnostic) => node.Origin.Source.Kind == OriginKind.Engine ? diagnostic : ConfigFault.At(diagnostic, node.Origin);
}
