from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("arena", "0029_many_machines"),
    ]

    operations = [
        migrations.AddField(
            model_name="intervention",
            name="reason",
            field=models.CharField(
                blank=True, default="", help_text="Why, in the words of who changed it.", max_length=200
            ),
        ),
    ]
